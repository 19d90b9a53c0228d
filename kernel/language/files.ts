/** The files of the cells' program: cells and the globals' declarations, which exist only here, and files on disk. */
import { statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import type ts from 'typescript';
import { nodeTypesPackage } from './library.js';

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

const require = createRequire(import.meta.url);
/** Our own copies of packages that are there in every folder. */
const ownPackages = ['tslab'];

/** Files that exist only here, by path. Setting a text makes it a new version. */
export class VirtualFiles {
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>();
  #versions = 0;

  set(file: string, text: string): void {
    this.#versions += 1;
    this.#texts.set(file, { text, version: this.#versions });
  }

  delete(file: string): void {
    this.#texts.delete(file);
  }

  has(file: string): boolean {
    return this.#texts.has(file);
  }

  text(file: string): string | undefined {
    return this.#texts.get(file)?.text;
  }

  version(file: string): string | undefined {
    return this.#texts.get(file)?.version.toString();
  }

  /** The file that a path without an ending names. */
  find(base: string): string | undefined {
    return ['.ts', '.tsx', '.js'].map((ending) => base + ending).find((file) => this.#texts.has(file));
  }
}

/** A host with the member that TypeScript's declarations leave out. */
export interface CellHost extends ts.LanguageServiceHost {
  hasInvalidatedResolutions(file: string): boolean;
}

/** The host of TypeScript's language service; `roots` are the files that a program starts from. */
export function createHost(
  { typescript, globals, folder, settings }: FilesOptions,
  virtual: VirtualFiles,
  roots: () => string[],
): CellHost {
  const { sys } = typescript;
  /** Whether a file is of a package or the kernel's own, which don't change while the kernel runs. */
  const isFixed = (file: string) =>
    file === globals.file || file.includes('/node_modules/') || file.startsWith(`${path.posix.dirname(globals.file)}/dist/`);
  const versionOnDisk = (file: string) => {
    const status = statSync(file, { throwIfNoEntry: false });
    return status === undefined ? 'missing' : `${status.mtimeMs} ${status.size}`;
  };
  const readFile = (file: string, encoding?: string) => {
    const text = virtual.text(file) ?? sys.readFile(file, encoding);
    // "UMD globals" of packages (plotly.js has one) don't exist in Node, and would hide the kernel's global of that name.
    return file.endsWith('.d.ts') ? text?.replace(/^export as namespace \w+;/m, '') : text;
  };
  /** A program asks for the same packages' files again for every cell; they don't change. */
  const found = new Map<string, boolean>();
  const fileExists = (file: string) => {
    if (virtual.has(file)) return true;
    if (!isFixed(file)) return sys.fileExists(file);
    const known = found.get(file) ?? sys.fileExists(file);
    if (known) found.set(file, known);
    return known;
  };
  const snapshots = new Map<string, { readonly version: string; readonly snapshot: ts.IScriptSnapshot }>();
  const versionOf = (file: string) => virtual.version(file) ?? (isFixed(file) ? '1' : versionOnDisk(file));
  const snapshotOf = (file: string) => {
    const version = versionOf(file);
    const known = snapshots.get(file);
    if (known?.version === version) return known.snapshot;
    const text = readFile(file);
    if (text === undefined) return undefined;
    const snapshot = typescript.ScriptSnapshot.fromString(text);
    snapshots.set(file, { version, snapshot });
    return snapshot;
  };
  const descriptions = new Map<string, string | undefined>();
  const readDescription = (file: string) => {
    if (!isFixed(file)) return readFile(file);
    if (!descriptions.has(file)) descriptions.set(file, readFile(file));
    return descriptions.get(file);
  };
  const cache = typescript.createModuleResolutionCache(folder, (name) => name, settings);
  const nodeTypes = path.join(packageFolder(nodeTypesPackage()), 'index.d.ts');

  const resolveModule = (
    literal: ts.StringLiteralLike,
    from: string,
    redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    file: ts.SourceFile,
  ): ts.ResolvedModuleWithFailedLookupLocations => {
    const { text } = literal;
    if (globals.modules.has(text) || isBuiltin(text)) return { resolvedModule: undefined };
    const cell = virtual.find(path.resolve(path.dirname(from), text));
    if (cell !== undefined) return { resolvedModule: { resolvedFileName: cell, extension: path.extname(cell) } };
    const mode = typescript.getModeForUsageLocation(file, literal, options);
    const known = isFixed(from) ? cache : undefined;
    const found = typescript.resolveModuleName(text, from, options, { ...sys, fileExists, readFile }, known, redirected, mode);
    if (found.resolvedModule !== undefined || !ownPackages.includes(text)) return found;
    return typescript.resolveModuleName(text, globals.file, options, sys, cache, redirected, mode);
  };

  return {
    getCompilationSettings: () => settings,
    getCurrentDirectory: () => folder,
    getScriptFileNames: roots,
    getScriptVersion: versionOf,
    getScriptSnapshot: snapshotOf,
    getDefaultLibFileName: (options) => typescript.getDefaultLibFilePath(options),
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    fileExists,
    readFile: (file, encoding) => (file.endsWith('/package.json') ? readDescription(file) : readFile(file, encoding)),
    readDirectory: (...question) => sys.readDirectory(...question),
    directoryExists: (name) => sys.directoryExists(name),
    getDirectories: (name) => sys.getDirectories(name),
    realpath: (file) => (virtual.has(file) ? file : (sys.realpath?.(file) ?? file)),
    resolveModuleNameLiterals: (literals, from, redirected, options, file) =>
      literals.map((literal) => resolveModule(literal, from, redirected, options, file)),
    // A folder's own @types/node may be of any version; the running Node's types are ours.
    resolveTypeReferenceDirectiveReferences: (references, from, redirected, options) =>
      references.map((reference: string | ts.FileReference) => {
        const name = typeof reference === 'string' ? reference : reference.fileName;
        if (name === 'node') return { resolvedTypeReferenceDirective: { primary: true, resolvedFileName: nodeTypes } };
        return typescript.resolveTypeReferenceDirective(name, from, options, sys, redirected);
      }),
    // The user's files are resolved again, because a file that an import did not find may exist now.
    hasInvalidatedResolutions: (file) => !isFixed(file) && !virtual.has(file),
  };
}

/** The folder of an installed package of ours. */
const packageFolder = (name: string) => path.dirname(require.resolve(`${name}/package.json`));
