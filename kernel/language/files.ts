/** The files of the cells' program: cells and the globals' declarations, which exist only here, and files on disk. */
import type ts from 'typescript';
import { FileTexts } from './fileTexts.js';
import type { FilesOptions } from './globalDeclarations.js';
import { createResolution } from './resolution.js';
import type { VirtualFiles } from './virtualFiles.js';

/** A host with the member that TypeScript's declarations leave out. */
export interface CellHost extends ts.LanguageServiceHost {
  hasInvalidatedResolutions(file: string): boolean;
}

/** The host of TypeScript's language service; `roots` are the files that a program starts from. */
export function createHost(options: FilesOptions, virtual: VirtualFiles, roots: () => string[]): CellHost {
  const { typescript, globals, folder, settings } = options;
  const { sys } = typescript;
  const texts = new FileTexts(typescript, globals, virtual);
  return {
    getCompilationSettings: () => settings,
    getCurrentDirectory: () => folder,
    getScriptFileNames: roots,
    getScriptVersion: (file) => texts.version(file),
    getScriptSnapshot: (file) => texts.snapshot(file),
    getDefaultLibFileName: (given) => typescript.getDefaultLibFilePath(given),
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    fileExists: (file) => texts.exists(file),
    readFile: (file, encoding) => texts.read(file, encoding),
    readDirectory: (...question) => sys.readDirectory(...question),
    directoryExists: (name) => sys.directoryExists(name),
    getDirectories: (name) => sys.getDirectories(name),
    realpath: (file) => (virtual.has(file) ? file : (sys.realpath?.(file) ?? file)),
    ...createResolution(options, texts, virtual),
    // The user's files are resolved again, because a file that an import did not find may exist now.
    hasInvalidatedResolutions: (file) => !texts.isFixed(file) && !virtual.has(file),
  };
}
