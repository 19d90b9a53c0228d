/** Parts of Node's module loader that have no types; `require` itself uses them. */
import Module from 'node:module';

/** A module whose code can be given as text. */
export type ModuleInternals = Module & { _compile(code: string, file: string): void };

/** The `node_modules` folders that `require` searches from a folder, nearest first. */
export const modulePaths = (folder: string) =>
  (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(folder);
