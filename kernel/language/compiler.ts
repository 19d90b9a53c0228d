/** Compiles cells with tslab's converter, and answers questions about their code with TypeScript's language service. */
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { Converter } from 'tslab/dist/converter.js';
import { withoutExports, withoutImportAttributes } from './cellSource.js';
import type { Compiled } from './compiled.js';
import { completeCell } from './completions.js';
import { cellFile, newConversion } from './conversion.js';
import { inspectCell } from './inspection.js';
import type { Completion, Inspection } from './language.js';
import { loadConverter, loadTypescript, type ConverterState } from './loadConverter.js';
import type { TypeScript } from './program.js';
import { readProjectConfig } from './projectConfig.js';
import { quickFixes } from './quickFixes.js';
import { createServices, type CellProgram, type Services } from './services.js';
import { createFileChanges, type GlobalDeclarations } from './system.js';

/** Compiles cells. `declarations` are those of earlier cells; positions are offsets into `code`. */
export interface Compiler {
  readonly typescript: typeof ts;
  /** Reads the declarations that every cell can use, if that is not done. */
  warmUp(): void;
  convert(declarations: string, code: string): Compiled;
  complete(declarations: string, code: string, position: number): Completion;
  inspect(declarations: string, code: string, position: number): Inspection | undefined;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
  /** The user's own source file that an import names, also by `paths` of tsconfig.json; `undefined` if it is not one. */
  resolve(specifier: string, from: string): string | undefined;
  /** What is wrong with the notebook's tsconfig.json. */
  readonly problems: readonly string[];
}

/** Lines that the converter puts before a cell's code (`export {};`). */
export const prefixLines = 1;
const prefixLength = 'export {};\n'.length;
/**
 * Errors about how the converter lays out its output, not about the cell: 6059 (an imported file is outside `rootDir`), 2742 (the
 * type of a variable can only be named by a path, which the next cell is given) and 5097 (an import ends with `.ts`, as the file
 * does).
 */
const harmless = new Set([6059, 2742, 5097]);
/** TypeScript's error for an `await` at the top of a cell, which the converter removes. */
const awaitOutsideFunction = 1308;

/** A compiler for the notebook in `folder`, whose cells have these globals. */
export function createCompiler(globals: GlobalDeclarations, folder: string): Compiler {
  const typescript = loadTypescript();
  const project = readProjectConfig(typescript, folder);
  const changes = createFileChanges(globals, typescript.FileWatcherEventKind.Changed);
  const state: ConverterState = {
    typescript,
    globals,
    changes,
    projectOptions: project.options,
    conversion: newConversion(),
    settings: {},
    program: undefined,
  };
  const services = createServices({ typescript, folder, program: () => state.program!, hidden: globals.modules });
  const tslab = loadConverter(state, (program, sources) => diagnose(state, services, program, sources));
  // Made at first use: it reads declarations for a second. The console's Enter key and a first syntax error don't need it.
  let converter: Converter | undefined;

  const withConverter = <T>(action: (current: Converter) => T): T => {
    changes.report();
    converter ??= tslab.createConverter();
    try {
      return action(converter);
    } catch (error) {
      // A converter that threw in the middle of its work refuses all later calls.
      converter.close();
      converter = undefined;
      throw error;
    }
  };

  /** The converter's `inspect` gives too little; it is called for the program that it leaves. */
  const withCell = <T>(declarations: string, code: string, action: (found: CellProgram) => T): T =>
    withConverter((current) => {
      current.inspect(declarations, withoutImportAttributes(code), 0);
      return action(cellOf(state.program!)!);
    });

  return {
    typescript,
    isCompleteCode: (code) => tslab.isCompleteCode(code),
    inspect: (declarations, code, position) =>
      withCell(declarations, code, (found) => inspectCell(services, found, position)),
    complete: (declarations, code, position) =>
      withCell(declarations, code, (found) => completeCell(services, found, code, position)),
    problems: project.problems,
    warmUp: () => withConverter(() => undefined),
    resolve: (specifier, from) => resolveOwn(state, specifier, from),
    convert: (declarations, code) =>
      withConverter((current) => {
        const source = withoutExports(typescript, withoutImportAttributes(code));
        const conversion = (state.conversion = newConversion(declaresNames(typescript, source)));
        const converted = current.convert(declarations, source);
        const { cell, files, elsewhere, fixes } = conversion;
        return { ...converted, sideOutputs: [...(converted.sideOutputs ?? []), ...elsewhere], cell, files, fixes };
      }),
  };
}

function cellOf(program: ts.Program): CellProgram | undefined {
  const file = program.getSourceFiles().find(({ fileName }) => path.basename(fileName) === cellFile);
  return file === undefined ? undefined : { program, file, offset: prefixLength };
}

/** The diagnostics of source files without the harmless ones; fixes for those in the cell are kept in the conversion. */
function diagnose(
  { typescript, conversion }: ConverterState,
  services: Services,
  program: ts.Program,
  sources: readonly ts.SourceFile[],
): readonly ts.Diagnostic[] {
  const found = typescript.getPreEmitDiagnosticsOfFiles(program, sources).filter(({ code }) => !harmless.has(code));
  const inCell = cellOf(program);
  for (const diagnostic of found) {
    if (inCell === undefined || diagnostic.file !== inCell.file || diagnostic.code === awaitOutsideFunction) continue;
    conversion.fixes.set((diagnostic.start ?? 0) - prefixLength, quickFixes(services, inCell, diagnostic));
  }
  return found;
}

function resolveOwn({ typescript, settings }: ConverterState, specifier: string, from: string): string | undefined {
  if (settings.paths === undefined && settings.baseUrl === undefined) return undefined;
  const cell = path.join(from, cellFile);
  const { resolvedModule } = typescript.resolveModuleName(specifier, cell, settings, typescript.sys);
  const isOwn = resolvedModule !== undefined && resolvedModule.isExternalLibraryImport !== true;
  return isOwn ? resolvedModule.resolvedFileName : undefined;
}

/** Whether the converter will find names to export. */
function declaresNames(typescript: TypeScript, code: string): boolean {
  const file = typescript.createSourceFile(cellFile, `export {};\n${code}`, typescript.ScriptTarget.ES2022, true);
  typescript.bindSourceFile(file, {});
  const { locals } = file as ts.SourceFile & { locals?: ReadonlyMap<string, unknown> };
  return locals !== undefined && locals.size > 0;
}
