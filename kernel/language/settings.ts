/** How cells are compiled: what the kernel decides, and what the notebook's tsconfig.json may choose. */
import path from 'node:path';
import type ts from 'typescript';
import { libraryFiles } from './library.js';

/** The folder into which files are compiled; nothing is written there. */
export const outputFolder = '/__compiled__';

/** The settings of cells; those of the project override the kernel's, except for the library's own declarations. */
export function cellSettings(typescript: typeof ts, project: ts.CompilerOptions): ts.CompilerOptions {
  const { lib = [], ...chosen } = project;
  // The running Node decides which functions exist; a project may add other declarations, such as the DOM's.
  const added = lib.filter((file) => !/^lib\.es(?:\d|next)/.test(file));
  return {
    // What every supported Node understands; newer syntax (decorators, `using`) is compiled to it.
    target: typescript.ScriptTarget.ES2024,
    lib: [...libraryFiles(), ...added],
    // Imports are left as they are, `import x = require()` included.
    module: typescript.ModuleKind.Preserve,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    moduleDetection: typescript.ModuleDetectionKind.Auto,
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: false,
    resolveJsonModule: true,
    esModuleInterop: true,
    preserveConstEnums: true,
    strict: false,
    skipLibCheck: true,
    noErrorTruncation: false,
    // Not every @types package that happens to be in the folder: some declare globals that Node doesn't have.
    types: ['node'],
    newLine: typescript.NewLineKind.LineFeed,
    sourceMap: true,
    rootDir: path.parse(process.cwd()).root,
    outDir: outputFolder,
    ...chosen,
    ...(isLeftAlone(typescript, chosen.jsx) ? { jsx: typescript.JsxEmit.ReactJSX } : {}),
  };
}

/** A bundler would compile such JSX later; a cell runs at once. */
const isLeftAlone = ({ JsxEmit }: typeof ts, jsx: ts.JsxEmit | undefined) =>
  jsx === JsxEmit.Preserve || jsx === JsxEmit.ReactNative;
