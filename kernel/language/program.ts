/**
 * Programs with only the members that the converter calls of a builder. TypeScript's own builder follows every reference of every
 * declaration file, which takes 60 to 160 ms per cell with tfjs in the program.
 */
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import { expandShorthands } from './shorthands.js';

/** TypeScript with parts that its declarations leave out. */
export type TypeScript = typeof ts & {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  getPreEmitDiagnosticsOfFiles(program: ts.Program, files: readonly ts.SourceFile[]): readonly ts.Diagnostic[];
};

interface ResolvedModules {
  resolvedModules?: { forEach(visit: (module: Resolved | undefined) => void): void };
}
interface Resolved {
  resolvedFileName?: string;
  resolvedModule?: { resolvedFileName?: string };
}

/** The converter's name for the file with the earlier cells' declarations. */
const previousDeclarations = '__prev__.d.ts';

/**
 * Called for each file that is emitted, and must call `emit`; `elsewhere` then gets the code of a file outside the notebook's folder,
 * which the converter refuses.
 */
export type AroundEmit = (source: string, emit: (elsewhere: (code: string) => void) => void) => void;

/** `createProgram` for the converter. `created` gets each program; `wantsNamesOnly` chooses the cheap one (below). */
export function createProgramFactory(
  typescript: TypeScript,
  aroundEmit: AroundEmit,
  created: (program: ts.Program) => void,
  wantsNamesOnly: () => boolean,
): ts.CreateProgram<ts.EmitAndSemanticDiagnosticsBuilderProgram> {
  /**
   * The converter compiles a cell twice: once to read which names it declares, then with an `export` of these behind it. The first
   * time the parsed file is enough, with the program of the cell before.
   */
  const namesOnly = (
    host: ts.CompilerHost,
    previous: ts.EmitAndSemanticDiagnosticsBuilderProgram,
    options: ts.CompilerOptions,
  ) => ({
    ...previous,
    // The second compilation makes a program in any case, also if the same cell is run again.
    getProgramOrUndefined: () => undefined,
    getSourceFile(name: string) {
      const file = host.getSourceFile(name, options.target ?? typescript.ScriptTarget.ES2022);
      if (file !== undefined) typescript.bindSourceFile(file, options);
      return file;
    },
  });

  return (roots, options, host, previous, diagnostics, references) => {
    if (wantsNamesOnly() && host !== undefined && previous !== undefined) {
      return namesOnly(host, previous, options ?? {});
    }
    const program = typescript.createProgram({
      rootNames: roots ?? [],
      options: options ?? {},
      ...(host === undefined ? {} : { host }),
      ...(previous === undefined ? {} : { oldProgram: previous.getProgram() }),
      ...(diagnostics === undefined ? {} : { configFileParsingDiagnostics: diagnostics }),
      ...(references === undefined ? {} : { projectReferences: references }),
    });
    for (const file of program.getSourceFiles()) {
      // The converter reads the locals of these before there is a type checker, which would bind them.
      if (!file.isDeclarationFile || file.fileName.endsWith(previousDeclarations)) {
        typescript.bindSourceFile(file, program.getCompilerOptions());
      }
    }
    created(program);
    const emit: ts.Program['emit'] = (file, write, token, declarationsOnly, transformers) => {
      const isEarlier = ({ fileName }: ts.SourceFile) => fileName.endsWith(previousDeclarations);
      const before = [expandShorthands(typescript, program.getTypeChecker(), isEarlier)];
      aroundEmit(file?.fileName ?? '', (elsewhere) =>
        program.emit(
          file,
          (name, text, ...more) => {
            if (!path.isAbsolute(name)) write?.(name, text, ...more);
            else if (name.endsWith('.js')) elsewhere(text);
          },
          token,
          declarationsOnly,
          { ...transformers, before: [...(transformers?.before ?? []), ...before] },
        ),
      );
      return { emitSkipped: false, diagnostics: [] };
    };
    const builder = {
      ...program,
      emit,
      getProgram: () => program,
      getProgramOrUndefined: () => program,
      getAllDependencies: (file: ts.SourceFile) => dependenciesOf(program, file),
    };
    return builder as unknown as ts.EmitAndSemanticDiagnosticsBuilderProgram;
  };
}

/** Names of the file and of all source files that it imports, directly or not; declaration files aren't followed. */
function dependenciesOf(program: ts.Program, from: ts.SourceFile): string[] {
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
}
