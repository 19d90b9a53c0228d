/** `require` as cells see it: from the notebook's folder, and TypeScript files beside the notebook as they were compiled. */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import type { SideOutput } from 'tslab/dist/converter.js';
import { outputPath } from './compiler.js';

/** Parts of Node's module loader that have no types; they are what `require` itself uses. */
type ModuleInternals = Module & { _compile(code: string, file: string): void };
const modulePaths = (folder: string) =>
  (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(folder);

export interface CellModules {
  readonly require: NodeJS.Require;
  /** Takes newly compiled files; they run again when they are next imported. */
  update(outputs: readonly SideOutput[]): void;
}

export function createCellModules(folder: string): CellModules {
  const compiled = new Map<string, string>();
  const loaded = new Map<string, Module>();

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

  const requireFrom = (from: string, otherwise: NodeJS.Require): NodeJS.Require => {
    const find = (id: string): unknown => {
      if (/^\.{0,2}\//.test(id)) {
        const file = path.resolve(from, id);
        for (const candidate of [file, outputPath(file), `${file}.js`, path.join(file, 'index.js')]) {
          const code = compiled.get(candidate);
          if (code !== undefined) return load(candidate, code);
        }
      }
      return otherwise(id);
    };
    return Object.assign(find, otherwise) as NodeJS.Require;
  };

  return {
    require: requireFrom(folder, createRequire(path.join(folder, 'cell.js'))),
    update(outputs) {
      for (const { path: file, data } of outputs) {
        compiled.set(file, data);
        loaded.delete(file);
      }
    },
  };
}
