/**
 * tslab's converter, with what it can't be asked for by its own options. This is the one file that reaches into tslab.
 *
 * The converter calls TypeScript through its module object, so a copy of that object with two functions replaced is put in the
 * module cache while the converter loads:
 * - `createWatchCompilerHost`, to add the globals' declarations as a root file, to follow `exports` maps (moduleResolution
 *   Bundler), to get source maps, to watch only files that can change, and to build programs without the reference graph of
 *   an incremental build, which costs more than checking a cell does;
 * - `transpileModule`, to keep the source maps and to instrument the cell's code.
 */
import { createRequire, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Converter, ConvertResult } from 'tslab/dist/converter.js';
import { createInstrumentation, type Instrumentation } from './instrument.js';

export interface Compiled extends ConvertResult {
  /** Missing where there are errors. */
  readonly cell: CompiledCell | undefined;
  /** The files that the cell imports and that were compiled with it. */
  readonly files: readonly CompiledFile[];
}

export interface CompiledFile {
  /** Paths of what runs and of what was typed. */
  readonly output: string;
  readonly source: string;
  /** Source maps of the compilation, the last step first. */
  readonly steps: readonly SourceMapPayload[];
}

export interface CompiledCell extends CompiledFile {
  readonly instrumentation: Instrumentation;
}

export interface Compiler extends Pick<Converter, 'complete'> {
  readonly typescript: typeof ts;
  convert(declarations: string, code: string): Compiled;
  /** Signature and documentation as text. */
  inspect(declarations: string, code: string, position: number): string | undefined;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
}

/** Declarations that every cell sees: a file that exists only here, and in whose folder its imports are resolved. */
export interface GlobalDeclarations {
  readonly file: string;
  readonly text: string;
}

/** Lines that the converter puts before a cell's code (`export {};`). */
export const prefixLines = 1;
const cellFile = '__tslab__.ts';
/** Source maps name their sources relative to this folder, to which the converter pretends to emit. */
const emitFolder = 'outDir';
const previousDeclarations = '__prev__.d.ts';

interface TslabConverter {
  createConverter(): Converter;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
}

/** Parts of TypeScript that its declarations don't show. */
interface Internals {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
}
interface ResolvedModules {
  resolvedModules?: { forEach(visit: (module: Resolved | undefined) => void): void };
}
interface Resolved {
  resolvedFileName?: string;
  resolvedModule?: { resolvedFileName?: string };
}

export function createCompiler(globals: GlobalDeclarations): Compiler {
  const require = createRequire(import.meta.url);
  const typescriptPath = createRequire(require.resolve('tslab/dist/converter.js')).resolve(
    '@tslab/typescript-for-tslab',
  );
  const original = require(typescriptPath) as typeof ts & Internals;
  const cached = require.cache[typescriptPath]!;
  const nodeTypes = path.resolve(require.resolve('@types/node/package.json'), '../..');
  let files: CompiledFile[] = [];
  let cell: CompiledCell | undefined;

  cached.exports = {
    ...original,
    createWatchCompilerHost: (
      roots: string[],
      options: ts.CompilerOptions,
      system: ts.System,
      _createProgram: unknown,
      ...rest: [ts.DiagnosticReporter, ts.WatchStatusReporter]
    ) =>
      original.createWatchCompilerHost(
        [...roots, globals.file],
        {
          ...options,
          moduleResolution: original.ModuleResolutionKind.Bundler,
          inlineSourceMap: true,
          // Not every @types package that happens to lie in the folder: some declare globals that Node doesn't have.
          types: ['node'],
          typeRoots: [...(options.typeRoots ?? []), nodeTypes],
        },
        withGlobals(system, globals),
        createPlainProgram(original),
        ...rest,
      ),
    transpileModule: (code: string, options: ts.TranspileOptions) => {
      const { text, map } = splitSourceMap(code);
      const source = path.resolve(emitFolder, map.sources[0] ?? '');
      const added = path.basename(source) === cellFile ? createInstrumentation(original) : undefined;
      const output = original.transpileModule(text, {
        ...options,
        compilerOptions: { ...options.compilerOptions, sourceMap: true },
        ...(added === undefined ? {} : { transformers: { before: [added.transformer] } }),
      });
      const lastMap = JSON.parse(output.sourceMapText ?? '{}') as SourceMapPayload;
      const compiled = { source, output: source.replace(/\.[cm]?[jt]sx?$/, '.js'), steps: [lastMap, map] };
      if (added === undefined) files.push(compiled);
      else cell = { ...compiled, instrumentation: added };
      return { ...output, outputText: output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n') };
    },
  };
  const tslab = require('tslab/dist/converter.js') as TslabConverter;
  const help = require('tslab/dist/inspect.js') as { printQuickInfo(info: ts.QuickInfo): string };
  const converter = tslab.createConverter();
  cached.exports = original;

  return {
    typescript: original,
    isCompleteCode: (code) => tslab.isCompleteCode(code),
    inspect(declarations, code, position) {
      const info = converter.inspect(declarations, code, position) as ts.QuickInfo | undefined;
      return info === undefined ? undefined : help.printQuickInfo(info);
    },
    complete: (declarations, code, position) => converter.complete(declarations, code, position),
    convert(declarations, code) {
      files = [];
      cell = undefined;
      const converted = converter.convert(declarations, code);
      return { ...converted, cell, files };
    },
  };
}

/** The converter's view of the files, with the globals' declarations in it and without watches on what never changes. */
function withGlobals(system: ts.System, globals: GlobalDeclarations): ts.System {
  const readFile = system.readFile.bind(system);
  const fileExists = system.fileExists.bind(system);
  const watchFile = system.watchFile?.bind(system);
  const isFixed = (file: string) =>
    file === globals.file || file.includes('/node_modules/') || file.startsWith(path.dirname(globals.file) + '/dist/');
  return Object.assign(system, {
    readFile(file: string, encoding?: string) {
      if (file === globals.file) return globals.text;
      const text = readFile(file, encoding);
      // "UMD globals" of packages (plotly.js has one) don't exist in Node, and would hide the kernel's own of that name.
      return file.endsWith('.d.ts') ? text?.replace(/^export as namespace \w+;/m, '') : text;
    },
    fileExists: (file: string) => file === globals.file || fileExists(file),
    watchFile: (...watch: Parameters<NonNullable<typeof watchFile>>) =>
      isFixed(watch[0]) || watchFile === undefined ? { close: () => undefined } : watchFile(...watch),
  });
}

/**
 * Programs with just what the converter asks a builder for. TypeScript's own builder follows every reference of every
 * declaration file, 60 to 160 ms a cell once tfjs is in the program.
 */
function createPlainProgram(
  typescript: typeof ts & Internals,
): ts.CreateProgram<ts.EmitAndSemanticDiagnosticsBuilderProgram> {
  return (roots, options, host, previous, diagnostics, references) => {
    const program = typescript.createProgram({
      rootNames: roots ?? [],
      options: options ?? {},
      ...(host === undefined ? {} : { host }),
      ...(previous === undefined ? {} : { oldProgram: previous.getProgram() }),
      ...(diagnostics === undefined ? {} : { configFileParsingDiagnostics: diagnostics }),
      ...(references === undefined ? {} : { projectReferences: references }),
    });
    for (const file of program.getSourceFiles()) {
      // The converter reads the locals of these before anything has asked for a type checker, which would bind them.
      if (!file.isDeclarationFile || file.fileName.endsWith(previousDeclarations)) {
        typescript.bindSourceFile(file, program.getCompilerOptions());
      }
    }
    const dependencies = (from: ts.SourceFile): string[] => {
      const seen = new Set<string>();
      const visit = (file: ts.SourceFile) => {
        if (seen.has(file.fileName)) return;
        seen.add(file.fileName);
        (file as ts.SourceFile & ResolvedModules).resolvedModules?.forEach((module) => {
          const name = module?.resolvedModule?.resolvedFileName ?? module?.resolvedFileName;
          const next = name === undefined ? undefined : program.getSourceFile(name);
          if (next !== undefined && !next.isDeclarationFile) visit(next);
        });
      };
      visit(from);
      return [...seen];
    };
    const builder = {
      ...program,
      getProgram: () => program,
      getProgramOrUndefined: () => program,
      getAllDependencies: dependencies,
    };
    return builder as unknown as ts.EmitAndSemanticDiagnosticsBuilderProgram;
  };
}

function splitSourceMap(code: string): { text: string; map: SourceMapPayload } {
  const marker = '//# sourceMappingURL=data:application/json;base64,';
  const start = code.lastIndexOf(marker);
  if (start < 0) throw new Error('the converter gave no source map');
  const encoded = code.slice(start + marker.length).trim();
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as SourceMapPayload;
  return { text: code.slice(0, start), map };
}
