/**
 * Loads tslab's converter with a changed copy of TypeScript. Nothing else imports tslab at run time.
 *
 * The converter calls TypeScript through its module object, and its own options are too few. So a copy of that object with four
 * members replaced is put in the module cache for it:
 * - `createWatchCompilerHost`, to add the globals' declarations as a root file, to follow `exports` maps (moduleResolution
 *   Bundler), to get source maps, and to build cheaper programs (program.ts);
 * - `transpileModule`, to keep the source maps and to instrument the cell's code (conversion.ts);
 * - `getPreEmitDiagnosticsOfFiles`, to leave out what is not an error of the cell;
 * - `sys`, to look for changed files when a cell comes, and not to watch all the time (system.ts).
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Converter } from 'tslab/dist/converter.js';
import { noteEmits, transpile, type Conversion } from './conversion.js';
import { createProgramFactory, type TypeScript } from './program.js';
import { addToHost, type FileChanges, type GlobalDeclarations } from './system.js';

/** What is used of tslab's module. */
export interface TslabConverter {
  esModuleToCommonJSModule(code: string, target: ts.ScriptTarget): string;
  createConverter(): Converter;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
}

/** What the replaced members work with. The compiler reads `program` and `settings`, which they set. */
export interface ConverterState {
  readonly typescript: TypeScript;
  readonly globals: GlobalDeclarations;
  readonly changes: FileChanges;
  /** Options from the notebook's tsconfig.json; they override the converter's. */
  readonly projectOptions: ts.CompilerOptions;
  conversion: Conversion;
  /** The options of the latest program; empty before the first one. */
  settings: ts.CompilerOptions;
  /** The latest program; `undefined` before the first one. */
  program: ts.Program | undefined;
}

const require = createRequire(import.meta.url);
const typescriptPath = () =>
  createRequire(require.resolve('tslab/dist/converter.js')).resolve('@tslab/typescript-for-tslab');

/** The TypeScript that the converter uses, unchanged. */
export const loadTypescript = () => require(typescriptPath()) as TypeScript;

/** The converter's module; `diagnose` gives the diagnostics of source files. Works once per process: modules are cached. */
export function loadConverter(
  state: ConverterState,
  diagnose: (program: ts.Program, sources: readonly ts.SourceFile[]) => readonly ts.Diagnostic[],
): TslabConverter {
  const { typescript, changes } = state;
  require.cache[typescriptPath()]!.exports = {
    ...typescript,
    sys: {
      ...typescript.sys,
      watchFile: (...watch: Parameters<typeof changes.watch>) => changes.watch(...watch),
      watchDirectory: () => ({ close: () => undefined }),
    },
    createWatchCompilerHost: createHostFactory(state, (code) =>
      tslab.esModuleToCommonJSModule(code, typescript.ScriptTarget.ES2022),
    ),
    transpileModule: (code: string, options: ts.TranspileOptions) =>
      transpile(typescript, state.conversion, code, options),
    getPreEmitDiagnosticsOfFiles: diagnose,
  };
  const tslab = require('tslab/dist/converter.js') as TslabConverter;
  return tslab;
}

/** A replacement of `createWatchCompilerHost`. */
function createHostFactory(state: ConverterState, toCommonJs: (code: string) => string) {
  const { typescript, globals, projectOptions } = state;
  const nodeTypes = path.resolve(require.resolve('@types/node/package.json'), '../..');
  const createProgram = createProgramFactory(
    typescript,
    noteEmits(() => state.conversion, toCommonJs),
    (program) => (state.program = program),
    () => {
      const first = state.conversion.namesFirst;
      state.conversion.namesFirst = false;
      return first;
    },
  );
  return (
    roots: string[],
    options: ts.CompilerOptions,
    system: ts.System,
    _createProgram: unknown,
    ...rest: [ts.DiagnosticReporter, ts.WatchStatusReporter]
  ) => {
    state.settings = {
      ...options,
      moduleResolution: typescript.ModuleResolutionKind.Bundler,
      inlineSourceMap: true,
      // Not every @types package that happens to be in the folder: some declare globals that Node doesn't have.
      types: ['node'],
      // Node's types of the notebook's folder come first, then ours; the converter would use its own, which are older.
      typeRoots: [...(options.typeRoots ?? []).filter((root) => !root.includes('/tslab/')), nodeTypes],
      // The converter's defaults are outdated: decorators are the standard's, and JavaScript is not checked.
      experimentalDecorators: false,
      checkJs: false,
      ...projectOptions,
    };
    const allRoots = [...roots, globals.file];
    const host = typescript.createWatchCompilerHost(allRoots, state.settings, system, createProgram, ...rest);
    return addToHost(typescript, host, system, globals);
  };
}
