/**
 * `require` and `import` as cells use them: from the notebook's folder, TypeScript files beside the notebook as they were compiled,
 * JSON as it is now, and ES modules, which compiled code requires like anything else (esModules.ts).
 */
import { readFileSync, statSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { outputPath, type CompiledFile } from './compiled.js';
import { createEsModules, type EsModules } from './esModules.js';
import { modulePaths, type ModuleInternals } from './moduleInternals.js';

/** The modules of one notebook. */
export interface CellModules {
  readonly require: NodeJS.Require;
  readonly import: (specifier: string) => Promise<unknown>;
  readonly meta: ImportMeta;
  /** Takes newly compiled files; they run again when they are next imported. */
  update(files: readonly CompiledFile[]): void;
  /** Loads the ES modules, and runs the files that await at their top, among what a cell imports. */
  prepare(specifiers: readonly string[]): Promise<void>;
}

/** What modules depend on. */
export interface ModuleOptions {
  /** The notebook's folder. */
  readonly folder: string;
  /** The files of modules that are part of the kernel's package, by their names. */
  readonly code: ReadonlyMap<string, string>;
  /** Modules of the kernel itself, each loaded at first use. */
  readonly own: ReadonlyMap<string, () => unknown>;
  /** The user's own source file that a specifier names by tsconfig.json's `paths`. */
  readonly resolve: (specifier: string, from: string) => string | undefined;
}

const isPath = (specifier: string) => /^\.{0,2}\//.test(specifier);
/** `require` calls as the compiler writes them; a specifier that is made at run time is not found. */
const required = /\brequire\("([^"\n]+)"\)/g;

const requiredBy = (javascript: string) => Array.from(javascript.matchAll(required), ([, specifier = '']) => specifier);

type AsyncModule = (
  exports: unknown,
  require: NodeJS.Require,
  module: Module,
  filename: string,
  dirname: string,
) => Promise<void>;

/** The modules of a notebook, none loaded yet. */
export function createCellModules({ folder, code, own, resolve }: ModuleOptions): CellModules {
  const files = new CompiledFiles(code, own, resolve);
  const here = path.join(folder, 'cell.js');
  const require = files.requireFrom(folder, createRequire(here));
  return {
    require,
    import(specifier) {
      const isOurs = own.has(specifier) || files.find(specifier, folder) !== undefined || specifier.endsWith('.json');
      // In a promise, so that an error in the module rejects it.
      if (isOurs) return new Promise((done) => done(namespaceOf(require(specifier))));
      return files.esModules.import(code.get(specifier) ?? specifier, folder);
    },
    meta: {
      url: pathToFileURL(here).href,
      filename: here,
      dirname: folder,
      resolve: (specifier: string) => pathToFileURL(createRequire(here).resolve(specifier)).href,
    },
    update: (outputs) => files.update(outputs),
    prepare: (specifiers) => files.prepare(specifiers, folder, new Set()),
  };
}

/** The user's files that were compiled, and what they load. */
class CompiledFiles {
  readonly esModules: EsModules = createEsModules();
  readonly #compiled = new Map<string, CompiledFile>();
  readonly #loaded = new Map<string, Module>();
  readonly #readJson = createJsonReader();
  readonly #code: ModuleOptions['code'];
  readonly #own: ModuleOptions['own'];
  readonly #resolve: ModuleOptions['resolve'];

  constructor(code: ModuleOptions['code'], own: ModuleOptions['own'], resolve: ModuleOptions['resolve']) {
    this.#code = code;
    this.#own = own;
    this.#resolve = resolve;
  }

  update(files: readonly CompiledFile[]): void {
    for (const file of files) {
      this.#compiled.set(file.output, file);
      this.#loaded.delete(file.output);
    }
  }

  /** The compiled file that a specifier names. */
  find(specifier: string, from: string): string | undefined {
    const file = isPath(specifier) ? path.resolve(from, specifier) : this.#resolve(specifier, from);
    if (file === undefined) return undefined;
    const candidates = [file, outputPath(file), `${file}.js`, path.join(file, 'index.js')];
    return candidates.find((name) => this.#compiled.has(name));
  }

  requireFrom(from: string, otherwise: NodeJS.Require): NodeJS.Require {
    const find = (specifier: string): unknown => {
      const own = this.#own.get(specifier);
      if (own !== undefined) return own();
      const file = this.find(specifier, from);
      if (file !== undefined) return this.#load(file);
      if (isPath(specifier) && specifier.endsWith('.json')) return this.#readJson(path.resolve(from, specifier));
      return this.esModules.loaded(specifier, from) ?? otherwise(this.#code.get(specifier) ?? specifier);
    };
    return Object.assign(find, otherwise) as NodeJS.Require;
  }

  /** Loads what `require` can't: ES modules, and compiled files that await, after everything that they import themselves. */
  async prepare(specifiers: Iterable<string>, from: string, seen: Set<string>): Promise<void> {
    for (const specifier of specifiers) {
      if (this.#own.has(specifier)) continue;
      const file = this.find(specifier, from);
      if (file === undefined) await this.esModules.prepare(specifier, from);
      else if (!seen.has(file)) {
        seen.add(file);
        const compiled = this.#compiled.get(file)!;
        await this.prepare(requiredBy(compiled.javascript), path.dirname(file), seen);
        if (compiled.awaits && !this.#loaded.has(file)) await this.#run(file);
      }
    }
  }

  #moduleOf(file: string): ModuleInternals {
    const module = new Module(file) as ModuleInternals;
    module.filename = file;
    module.paths = modulePaths(path.dirname(file));
    module.require = this.requireFrom(path.dirname(file), module.require.bind(module) as NodeJS.Require);
    // Before it runs: files that import each other find the exports made so far, as in Node.
    this.#loaded.set(file, module);
    return module;
  }

  /** Runs a file that awaits at its top. */
  async #run(file: string): Promise<void> {
    const module = this.#moduleOf(file);
    try {
      const { javascript } = this.#compiled.get(file)!;
      const parameters = 'exports, require, module, __filename, __dirname';
      const text = `(async function (${parameters}) {${javascript}\n})`;
      const run = new Script(text, { filename: file, columnOffset: 0 }).runInThisContext() as AsyncModule;
      const require = this.requireFrom(path.dirname(file), createRequire(file));
      await run(module.exports, require, module, file, path.dirname(file));
    } catch (error) {
      this.#loaded.delete(file);
      throw error;
    }
  }

  #load(file: string): unknown {
    const known = this.#loaded.get(file);
    if (known !== undefined) return known.exports;
    const module = this.#moduleOf(file);
    try {
      module._compile(this.#compiled.get(file)!.javascript, file);
    } catch (error) {
      this.#loaded.delete(file);
      throw error;
    }
    return module.exports;
  }
}

/** Reads JSON files; one is read again when it has changed, as TypeScript files are. */
function createJsonReader(): (file: string) => unknown {
  const read = new Map<string, { readonly version: number; readonly value: unknown }>();
  return (file) => {
    const version = statSync(file).mtimeMs;
    const known = read.get(file);
    if (known?.version === version) return known.value;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    read.set(file, { version, value });
    return value;
  };
}

/** What `import()` gives for a value that is not a module: all of it as `default`, and its members by name. */
function namespaceOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || '__esModule' in value) return value;
  return { ...value, default: value };
}
