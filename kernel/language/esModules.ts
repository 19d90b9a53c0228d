/**
 * ES modules for compiled cells. A cell becomes a script with `require`, which Node refuses for packages that can only be imported
 * (by their `exports`) or that await at their top level. These are imported before the cell runs, and `require` returns them.
 */
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import type { ModuleInternals } from './moduleInternals.js';

/** Imports modules for cells. */
export interface EsModules {
  /** Node's own `import()`, from a folder. */
  import(specifier: string, from: string): Promise<unknown>;
  /** Imports what `require` could not load; does nothing for anything else. */
  prepare(specifier: string, from: string): Promise<void>;
  /** A prepared module, in the form that `require` returns; `undefined` for others. */
  loaded(specifier: string, from: string): unknown;
}

type Import = (specifier: string) => Promise<object>;

/** No modules prepared yet. */
export function createEsModules(): EsModules {
  const importers = new Map<string, Import>();
  const modules = new Map<string, object>();
  const key = (specifier: string, from: string) => `${from}\0${specifier}`;

  /** An `import()` that resolves like one in a file of that folder. */
  const importFrom = (folder: string): Import => {
    const known = importers.get(folder);
    if (known !== undefined) return known;
    // A module without a file: `import()` in it is Node's own, and resolves from the folder.
    const module = new Module(path.join(folder, 'cell.cjs')) as ModuleInternals;
    module._compile('module.exports = (specifier) => import(specifier);', module.id);
    const importer = module.exports as Import;
    importers.set(folder, importer);
    return importer;
  };

  return {
    import: (specifier, from) => importFrom(from)(specifier),
    async prepare(specifier, from) {
      if (modules.has(key(specifier, from)) || !needsImport(specifier, from)) return;
      modules.set(key(specifier, from), asRequired(await importFrom(from)(specifier)));
    },
    loaded: (specifier, from) => modules.get(key(specifier, from)),
  };
}

function needsImport(specifier: string, from: string): boolean {
  if (isBuiltin(specifier) || specifier.endsWith('.json')) return false;
  try {
    return isEsModule(createRequire(path.join(from, 'cell.js')).resolve(specifier));
  } catch (error) {
    // For other errors `require` gives the better message, when the cell gets there.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

function isEsModule(file: string): boolean {
  if (!/\.m?js$/.test(file)) return false;
  if (file.endsWith('.mjs')) return true;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const description = path.join(folder, 'package.json');
    if (existsSync(description)) {
      const { type } = JSON.parse(readFileSync(description, 'utf8')) as { type?: unknown };
      return type === 'module';
    }
    if (folder === path.dirname(folder)) return false;
  }
}

/** A namespace in the form that compiled code expects: with `__esModule`; the members stay live. */
function asRequired(namespace: object): object {
  const members = Object.keys(namespace).map((name): [string, PropertyDescriptor] => [
    name,
    { enumerable: true, get: () => (namespace as Record<string, unknown>)[name] },
  ]);
  return Object.defineProperties({}, { ...Object.fromEntries(members), __esModule: { value: true } });
}
