/** What the files of cells depend on. */
import type ts from 'typescript';

/** Declarations that every cell has: a file that exists only here; its imports are resolved from its folder. */
export interface GlobalDeclarations {
  readonly file: string;
  readonly text: string;
  /**
   * Names of the modules that are declared in the file, and in the files that it refers to: they are not looked for on disk. The
   * value is the global that has a module's exports, if there is one.
   */
  readonly modules: ReadonlyMap<string, string | undefined>;
  /** The files with the code of modules that are part of the kernel's package, by their names. */
  readonly code: ReadonlyMap<string, string>;
}

/** What the files depend on. */
export interface FilesOptions {
  readonly typescript: typeof ts;
  readonly globals: GlobalDeclarations;
  /** The notebook's folder. */
  readonly folder: string;
  readonly settings: ts.CompilerOptions;
}
