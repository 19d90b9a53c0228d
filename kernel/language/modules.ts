/**
 * `require` and `import` as cells see them: from the notebook's folder, TypeScript files beside the notebook as they were compiled,
 * JSON as it is now, and ES modules, which compiled code asks for by `require` like anything else (esModules.ts).
 */
import { readFileSync, statSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SideOutput } from 'tslab/dist/converter.js';
import { outputPath } from './compiler.js';
import { createEsModules } from './esModules.js';
import { modulePaths, type ModuleInternals } from './moduleInternals.js';

export interface CellModules {
  readonly require: NodeJS.Require;
  readonly import: (specifier: string) => Promise<unknown>;
  readonly meta: ImportMeta;
  /** Takes newly compiled files; they run again when they are next imported. */
  update(outputs: readonly SideOutput[]): void;
  /** Loads the ES modules that compiled code in the notebook's folder will `require`. */
  prepare(code: string): Promise<void>;
}

export interface ModuleOptions {
  readonly folder: string;
  /** The user's own source file that a specifier means by tsconfig.json's `paths`. */
  readonly resolve: (specifier: string, from: string) => string | undefined;
}

const isPath = (specifier: string) => /^\.{0,2}\//.test(specifier);
/** As the compiler writes them; a specifier made while the code runs is not among them. */
const required = /\brequire\("([^"\n]+)"\)/g;

export function createCellModules({ folder, resolve }: ModuleOptions): CellModules {
  const compiled = new Map<string, string>();
  const loaded = new Map<string, Module>();
  const json = new Map<string, { readonly version: number; readonly value: unknown }>();
  const esModules = createEsModules();

  const load = (file: string, code: string): unknown => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const module = new Module(file) as ModuleInternals;
    module.filename = file;
    module.paths = modulePaths(path.dirname(file));
    module.require = requireFrom(path.dirname(file), module.require.bind(module) as NodeJS.Require);
    // Before it runs: files that import each other find what is there so far, as in Node.
    loaded.set(file, module);
    try {
      module._compile(code, file);
    } catch (error) {
      loaded.delete(file);
      throw error;
    }
    return module.exports;
  };

  /** Read again when it has changed, as TypeScript files are. */
  const readJson = (file: string): unknown => {
    const version = statSync(file).mtimeMs;
    const known = json.get(file);
    if (known?.version === version) return known.value;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    json.set(file, { version, value });
    return value;
  };

  /** The compiled file that a specifier means. */
  const findCompiled = (specifier: string, from: string): string | undefined => {
    const file = isPath(specifier) ? path.resolve(from, specifier) : resolve(specifier, from);
    if (file === undefined) return undefined;
    return [file, outputPath(file), `${file}.js`, path.join(file, 'index.js')].find((name) => compiled.has(name));
  };

  const requireFrom = (from: string, otherwise: NodeJS.Require): NodeJS.Require => {
    const find = (specifier: string): unknown => {
      const file = findCompiled(specifier, from);
      if (file !== undefined) return load(file, compiled.get(file)!);
      if (isPath(specifier) && specifier.endsWith('.json')) return readJson(path.resolve(from, specifier));
      return esModules.loaded(specifier, from) ?? otherwise(specifier);
    };
    return Object.assign(find, otherwise) as NodeJS.Require;
  };

  const here = path.join(folder, 'cell.js');
  const require = requireFrom(folder, createRequire(here));

  return {
    require,
    import(specifier) {
      const isOurs = findCompiled(specifier, folder) !== undefined || specifier.endsWith('.json');
      // Within a promise, because what the module throws is the promise's.
      if (isOurs) return new Promise((done) => done(namespaceOf(require(specifier))));
      return esModules.import(specifier, folder);
    },
    meta: {
      url: pathToFileURL(here).href,
      filename: here,
      dirname: folder,
      resolve: (specifier: string) => pathToFileURL(createRequire(here).resolve(specifier)).href,
    },
    update(outputs) {
      for (const { path: file, data } of outputs) {
        compiled.set(file, data);
        loaded.delete(file);
      }
    },
    async prepare(code) {
      const seen = new Set<string>();
      const visit = async (text: string, from: string): Promise<void> => {
        for (const [, specifier = ''] of text.matchAll(required)) {
          const file = findCompiled(specifier, from);
          if (file === undefined) await esModules.prepare(specifier, from);
          else if (!seen.has(file)) {
            seen.add(file);
            await visit(compiled.get(file)!, path.dirname(file));
          }
        }
      };
      await visit(code, folder);
    },
  };
}

/** What `import()` gives of a module that was not one: all of it as `default`, and its members by name. */
function namespaceOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || '__esModule' in value) return value;
  return { ...value, default: value };
}
