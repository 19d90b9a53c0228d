/**
 * tslab's converter, with what it can't be asked for by its own options. Nothing else reaches into tslab.
 *
 * The converter calls TypeScript through its module object, so a copy of that object with four members replaced is put in
 * the module cache for it:
 * - `createWatchCompilerHost`, to add the globals' declarations as a root file, to follow `exports` maps (moduleResolution
 *   Bundler), to get source maps, and to build cheaper programs (program.ts);
 * - `transpileModule`, to keep the source maps and to instrument the cell's code;
 * - `getPreEmitDiagnosticsOfFiles`, to leave out what is no error of the cell;
 * - `sys`, to look for changed files when a cell comes, and not to watch all the time (system.ts).
 */
import { createRequire, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Converter, ConvertResult, SideOutput } from 'tslab/dist/converter.js';
import { createInstrumentation, type Instrumentation } from './instrument.js';
import { withoutExports, withoutImportAttributes } from './cellSource.js';
import { completeCell } from './completions.js';
import { inspectCell } from './inspection.js';
import type { Completion, Inspection } from './language.js';
import { readProjectConfig } from './projectConfig.js';
import { createProgramFactory, type AroundEmit, type TypeScript } from './program.js';
import { quickFixes } from './quickFixes.js';
import { createServices, type CellProgram } from './services.js';
import { addToHost, createFileChanges, type GlobalDeclarations } from './system.js';

export interface Compiled extends ConvertResult {
  /** Missing where there are errors. */
  readonly cell: CompiledCell | undefined;
  /** The files that the cell imports and that were compiled with it. */
  readonly files: readonly CompiledFile[];
  /** What would cure the errors, by where they start in the cell. */
  readonly fixes: ReadonlyMap<number, readonly string[]>;
}

export interface CompiledFile {
  /** Paths of what runs and of what was typed. */
  readonly output: string;
  readonly source: string;
  /** Source maps of the compilation, the last step first. */
  readonly steps: readonly SourceMapPayload[];
}

export interface CompiledCell extends Pick<CompiledFile, 'steps'> {
  readonly instrumentation: Instrumentation;
}

export interface Compiler {
  readonly typescript: typeof ts;
  /** Reads the declarations that every cell sees, if that is not done. */
  warmUp(): void;
  convert(declarations: string, code: string): Compiled;
  complete(declarations: string, code: string, position: number): Completion;
  inspect(declarations: string, code: string, position: number): Inspection | undefined;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
  /** The user's own source file that an import means, by `paths` of tsconfig.json too. */
  resolve(specifier: string, from: string): string | undefined;
  /** What is wrong with the notebook's tsconfig.json. */
  readonly problems: readonly string[];
}

/** Lines that the converter puts before a cell's code (`export {};`). */
export const prefixLines = 1;
const prefixLength = 'export {};\n'.length;
/**
 * Errors about how the converter lays out its output, not about the cell: 6059 (an imported file is outside of `rootDir`),
 * 2742 (the type of a variable can only be named by a path, which is what the next cell is given) and 5097 (an import ends
 * with `.ts`, as the file does).
 */
const harmless = new Set([6059, 2742, 5097]);
/** How TypeScript calls an `await` at the top of a cell, which the converter takes out. */
const awaitOutsideFunction = 1308;
const cellFile = '__tslab__.ts';

interface TslabConverter {
  esModuleToCommonJSModule(code: string, target: ts.ScriptTarget): string;
  createConverter(): Converter;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
}

export function createCompiler(globals: GlobalDeclarations, folder: string): Compiler {
  const require = createRequire(import.meta.url);
  const typescriptPath = createRequire(require.resolve('tslab/dist/converter.js')).resolve(
    '@tslab/typescript-for-tslab',
  );
  const original = require(typescriptPath) as TypeScript;
  const cached = require.cache[typescriptPath]!;
  const nodeTypes = path.resolve(require.resolve('@types/node/package.json'), '../..');
  const changes = createFileChanges(globals, original.FileWatcherEventKind.Changed);
  const project = readProjectConfig(original, folder);
  let settings: ts.CompilerOptions = {};
  let files: CompiledFile[] = [];
  let cell: CompiledCell | undefined;
  let elsewhere: SideOutput[] = [];
  let fixes = new Map<number, readonly string[]>();
  /** The imported file that is being emitted; while there is none, what is compiled is the cell. */
  let emitting: string | undefined;

  const transpileModule = (code: string, options: ts.TranspileOptions): ts.TranspileOutput => {
    const { text, map } = splitSourceMap(code);
    const added = emitting === undefined ? createInstrumentation(original) : undefined;
    const output = original.transpileModule(text, {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
      ...(added === undefined ? {} : { transformers: { before: [added.transformer] } }),
    });
    const steps = [JSON.parse(output.sourceMapText ?? '{}') as SourceMapPayload, map];
    if (added !== undefined) cell = { steps, instrumentation: added };
    if (emitting !== undefined) files.push({ source: emitting, output: outputPath(emitting), steps });
    return { ...output, outputText: output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n') };
  };

  const aroundEmit: AroundEmit = (source, emit) => {
    emitting = path.basename(source) === cellFile ? undefined : source;
    try {
      emit((code) => {
        const data = tslab.esModuleToCommonJSModule(code, original.ScriptTarget.ES2022);
        elsewhere.push({ path: outputPath(source), data });
      });
    } finally {
      emitting = undefined;
    }
  };
  let latest: ts.Program;
  /** Set for the first of a conversion's two compilations, where there will be two. */
  let namesFirst = false;
  const createProgram = createProgramFactory(
    original,
    aroundEmit,
    (program) => (latest = program),
    () => {
      const first = namesFirst;
      namesFirst = false;
      return first;
    },
  );
  const services = createServices({ typescript: original, folder, program: () => latest, hidden: globals.modules });

  const cellOf = (program: ts.Program): CellProgram | undefined => {
    const file = program.getSourceFiles().find(({ fileName }) => path.basename(fileName) === cellFile);
    return file === undefined ? undefined : { program, file, offset: prefixLength };
  };
  const diagnose = (program: ts.Program, sources: readonly ts.SourceFile[]) => {
    const found = original.getPreEmitDiagnosticsOfFiles(program, sources).filter(({ code }) => !harmless.has(code));
    const inCell = cellOf(program);
    for (const diagnostic of found) {
      if (inCell === undefined || diagnostic.file !== inCell.file || diagnostic.code === awaitOutsideFunction) continue;
      fixes.set((diagnostic.start ?? 0) - prefixLength, quickFixes(services, inCell, diagnostic));
    }
    return found;
  };

  cached.exports = {
    ...original,
    sys: {
      ...original.sys,
      watchFile: (...watch: Parameters<typeof changes.watch>) => changes.watch(...watch),
      watchDirectory: () => ({ close: () => undefined }),
    },
    createWatchCompilerHost: (
      roots: string[],
      options: ts.CompilerOptions,
      system: ts.System,
      _createProgram: unknown,
      ...rest: [ts.DiagnosticReporter, ts.WatchStatusReporter]
    ) => {
      settings = {
        ...options,
        moduleResolution: original.ModuleResolutionKind.Bundler,
        inlineSourceMap: true,
        // Not every @types package that happens to lie in the folder: some declare globals that Node doesn't have.
        types: ['node'],
        // Node's types of the notebook's folder go first; the converter would bring older ones than ours of its own.
        typeRoots: [...(options.typeRoots ?? []).filter((root) => !root.includes('/tslab/')), nodeTypes],
        // The converter's own choices of older days: decorators are the standard's, and JavaScript is not checked.
        experimentalDecorators: false,
        checkJs: false,
        ...project.options,
      };
      const host = original.createWatchCompilerHost([...roots, globals.file], settings, system, createProgram, ...rest);
      return addToHost(original, host, system, globals);
    },
    transpileModule,
    getPreEmitDiagnosticsOfFiles: diagnose,
  };
  const tslab = require('tslab/dist/converter.js') as TslabConverter;
  // A second of reading declarations, which neither the console's Enter key nor a first syntax error has to wait for.
  let converter: Converter | undefined;

  const withConverter = <T>(action: (current: Converter) => T): T => {
    changes.report();
    converter ??= tslab.createConverter();
    try {
      return action(converter);
    } catch (error) {
      // A converter that threw half-way refuses everything from then on.
      converter.close();
      converter = undefined;
      throw error;
    }
  };

  /** The converter's own questions are narrower than ours; this one is asked for the program that it leaves. */
  const withCell = <T>(declarations: string, code: string, action: (found: CellProgram) => T): T =>
    withConverter((current) => {
      current.inspect(declarations, withoutImportAttributes(code), 0);
      return action(cellOf(latest)!);
    });

  return {
    typescript: original,
    isCompleteCode: (code) => tslab.isCompleteCode(code),
    inspect: (declarations, code, position) =>
      withCell(declarations, code, (found) => inspectCell(services, found, position)),
    complete: (declarations, code, position) =>
      withCell(declarations, code, (found) => completeCell(services, found, code, position)),
    problems: project.problems,
    warmUp: () => withConverter(() => undefined),
    resolve: (specifier, from) => {
      if (settings.paths === undefined && settings.baseUrl === undefined) return undefined;
      const { resolvedModule } = original.resolveModuleName(
        specifier,
        path.join(from, cellFile),
        settings,
        original.sys,
      );
      const isOwn = resolvedModule !== undefined && resolvedModule.isExternalLibraryImport !== true;
      return isOwn ? resolvedModule.resolvedFileName : undefined;
    },
    convert: (declarations, code) =>
      withConverter((current) => {
        files = [];
        elsewhere = [];
        cell = undefined;
        fixes = new Map();
        const source = withoutExports(original, withoutImportAttributes(code));
        namesFirst = declaresNames(original, source);
        const converted = current.convert(declarations, source);
        return { ...converted, sideOutputs: [...(converted.sideOutputs ?? []), ...elsewhere], cell, files, fixes };
      }),
  };
}

/** Whether the converter will find names to export. */
function declaresNames(typescript: TypeScript, code: string): boolean {
  const file = typescript.createSourceFile(cellFile, `export {};\n${code}`, typescript.ScriptTarget.ES2022, true);
  typescript.bindSourceFile(file, {});
  const { locals } = file as ts.SourceFile & { locals?: ReadonlyMap<string, unknown> };
  return locals !== undefined && locals.size > 0;
}

/** The name under which a source file is compiled. */
export const outputPath = (source: string) => source.replace(/\.[cm]?[jt]sx?$/, '.js');

function splitSourceMap(code: string): { text: string; map: SourceMapPayload } {
  const marker = '//# sourceMappingURL=data:application/json;base64,';
  const start = code.lastIndexOf(marker);
  if (start < 0) throw new Error('the converter gave no source map');
  const encoded = code.slice(start + marker.length).trim();
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as SourceMapPayload;
  return { text: code.slice(0, start), map };
}
