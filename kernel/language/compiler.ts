/** Compiles cells with TypeScript, and answers questions about their code with its language service. */
import path from 'node:path';
import type ts from 'typescript';
import { readCell, type CellText } from './cellText.js';
import type { Compiled, CompiledCell, CompiledFile } from './compiled.js';
import { completeCell, isMemberAt } from './completions.js';
import type { CellDiagnostic } from './diagnosticError.js';
import { cellDiagnostics } from './diagnostics.js';
import { emitCell, emitFile } from './emit.js';
import type { GlobalDeclarations } from './globalDeclarations.js';
import { inspectCell } from './inspection.js';
import { isComplete } from './isComplete.js';
import type { Completeness, Completion, Inspection } from './language.js';
import { createPositionMap, type Position } from './positions.js';
import { CellPrograms, type OpenCell } from './program.js';
import { readProjectConfig } from './projectConfig.js';
import { rewriteCell } from './rewrite/rewriteCell.js';
import type { Services } from './services.js';
import { narrowedTypes } from './narrowing.js';
import { sessionNames, type CheckedCell } from './sessionNames.js';
import { SessionTypes, type SessionName } from './sessionTypes.js';
import { cellSettings } from './settings.js';
import { loadTypescript, type TypeScript } from './typescript.js';

/** How a cell is compiled. */
export interface CompileOptions {
  /** `false` for cells of JavaScript. */
  readonly isTypeScript?: boolean;
  /** `false` if types are not checked. */
  readonly checksTypes?: boolean;
}

/** What a compiler depends on. */
export interface CompilerOptions {
  readonly globals: GlobalDeclarations;
  /** The notebook's folder. */
  readonly folder: string;
  /** Whether a name has a value in the session. */
  readonly isGlobal: (name: string) => boolean;
}

/** Lines before a cell's code in its file are found by offset, and not by number. */
export class Compiler {
  readonly typescript: TypeScript = loadTypescript();
  /** What is wrong with the notebook's tsconfig.json. */
  readonly problems: readonly string[];
  readonly #options: CompilerOptions;
  readonly #settings: ts.CompilerOptions;
  readonly #programs: CellPrograms;
  readonly #services: Services;
  readonly #types = new SessionTypes();
  #isWarm = false;
  /** The version of each of the user's files when it was last compiled. */
  readonly #compiled = new Map<string, ts.SourceFile>();

  constructor(options: CompilerOptions) {
    const { globals, folder } = options;
    const { typescript } = this;
    const project = readProjectConfig(typescript, folder);
    this.#options = options;
    this.problems = project.problems;
    this.#settings = cellSettings(typescript, project.options);
    this.#programs = new CellPrograms({ typescript, globals, folder, settings: this.#settings });
    this.#services = {
      typescript,
      service: this.#programs.service,
      format: typescript.getDefaultFormatCodeSettings('\n'),
      hidden: globals.modules,
    };
  }

  /**
   * Reads the declarations that every cell can use, and checks and completes a cell that uses them, if that is not done: the first call
   * of TypeScript's functions takes up to ten times as long as later ones.
   */
  warmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.compile('tf.ones([1])', 'warm');
    this.complete('tf.o', 'tf.o'.length);
  }

  /** The names that cells have declared. */
  names(): readonly SessionName[] {
    return this.#types.all();
  }

  /** Forgets all cells. */
  reset(): void {
    this.#types.clear();
    this.#programs.reset();
  }

  isComplete(code: string): Completeness {
    return isComplete(this.typescript, code);
  }

  complete(code: string, position: number): Completion {
    // A member's name is not one of the earlier cells' names.
    const cell = isMemberAt(code, position) ? this.#open(code) : this.#open(code, this.#types.all());
    return completeCell(this.#services, cell, code, position);
  }

  inspect(code: string, position: number): Inspection | undefined {
    return inspectCell(this.#services, this.#open(code), position);
  }

  /** The user's own source file that an import names, also by `paths` of tsconfig.json; `undefined` if it is not one. */
  resolve(specifier: string, from: string): string | undefined {
    if (['paths', 'baseUrl'].every((name) => this.#settings[name] === undefined)) return undefined;
    const file = path.join(from, 'cell.ts');
    const { sys } = this.typescript;
    const { resolvedModule } = this.typescript.resolveModuleName(specifier, file, this.#settings, sys);
    const isOwn = resolvedModule !== undefined && resolvedModule.isExternalLibraryImport !== true;
    return isOwn ? resolvedModule.resolvedFileName : undefined;
  }

  /** Checks a cell and compiles it. Its names become known to later cells by `commit`. */
  compile(code: string, name: string, { isTypeScript = true, checksTypes = true }: CompileOptions = {}): Compiled {
    const text = readCell(this.typescript, code, !isTypeScript);
    const declared = new Set(text.names.keys());
    let open = this.#openWithSound(text, this.#types.named(code, declared));
    let diagnostics = this.#diagnose(open, text, checksTypes);
    if (diagnostics.some(({ file }) => file === undefined)) {
      // The error may be a name that is nearly one of the others: "did you mean".
      const others = this.#types.all().filter((entry) => !declared.has(entry.name));
      if (others.length > this.#types.named(code, declared).length) {
        open = this.#programs.open(text, others);
        diagnostics = this.#diagnose(open, text, checksTypes);
      }
    }
    if (diagnostics.length > 0) return { diagnostics, cell: undefined, files: [] };
    const cell = this.#emit(open, text, name);
    return { diagnostics, cell, files: this.#files(open.program) };
  }

  #open(code: string, earlier?: readonly SessionName[]): OpenCell {
    const text = readCell(this.typescript, code, false);
    const declared = new Set(text.names.keys());
    const entries = earlier ?? this.#types.named(code, declared);
    return this.#programs.open(
      text,
      entries.filter(({ name }) => !declared.has(name)),
    );
  }

  /** Opens a cell; a declaration of an earlier name that turns out to be wrong here is replaced by a reference. */
  #openWithSound(text: CellText, entries: readonly SessionName[]): OpenCell {
    const open = this.#programs.open(text, entries);
    const { file, offset, program } = open;
    const wrong = program.getSemanticDiagnostics(file).filter(({ start = 0 }) => start < offset);
    if (wrong.length === 0) return open;
    const lines = new Set(wrong.map(({ start = 0 }) => lineAt(file.text, start)));
    const repaired = entries.map((entry): SessionName => {
      const isWrong = entry.declaration.split('\n').some((line) => lines.has(line));
      if (!isWrong || entry.declaration === entry.reference) return entry;
      const sound = { ...entry, declaration: entry.reference };
      this.#types.set(sound);
      return sound;
    });
    return this.#programs.open(text, repaired);
  }

  /** The errors of a cell and of the files that it imports; none of what stands in front of its code. */
  #diagnose(open: OpenCell, text: CellText, checksTypes: boolean): CellDiagnostic[] {
    const files = this.#programs.ownFiles(open.program);
    return cellDiagnostics(this.#services, open, text, checksTypes, files).filter(
      // Behind the code only syntax counts: an open bracket.
      ({ file, start, code }) => file !== undefined || (start >= 0 && (start <= text.code.length || code < 2000)),
    );
  }

  #emit(open: OpenCell, text: CellText, name: string): CompiledCell {
    const { typescript } = this;
    const programs = this.#programs;
    const { program, file, offset } = open;
    const { javascript, map } = emitCell(
      typescript,
      program,
      file,
      { offset, length: text.code.length },
      text.hasValue,
    );
    const declared = new Set(text.names.keys());
    const rewritten = rewriteCell(typescript, javascript, {
      declared: new Set([...text.names.values()].flatMap((each) => (each.isTypeOnly ? [] : [each.name]))),
      isKnown: (each) => !declared.has(each) && this.#types.get(each)?.hasValue === true,
      isGlobal: this.#options.isGlobal,
    });
    const toFile = createPositionMap({ steps: [map], prefixLines: lineCount(file.text, offset) });
    const checked: CheckedCell = {
      typescript,
      checker: program.getTypeChecker(),
      neutral: programs.neutral(program),
      rename: (module) => programs.rename(module, name),
      file,
      names: text.names,
      specifier: programs.specifierOf(name),
      hasValue: (each) => rewritten.declaredBy.has(each),
    };
    const names = sessionNames(checked);
    const narrowed = narrowedTypes(checked, text.assigned);
    return {
      rewritten,
      names,
      original: inSequence(rewritten.original, toFile),
      statement: (index) => {
        const position = rewritten.statements[index];
        return position === undefined ? undefined : toFile(position);
      },
      commit: (reached, isWhole) => {
        programs.keep(open, name, text.augments);
        for (const entry of names) if (reached(entry.name)) this.#types.set(entry);
        if (isWhole) this.#types.narrow(narrowed);
      },
    };
  }

  /** The user's files that were not compiled yet, or have changed since. */
  #files(program: ts.Program): CompiledFile[] {
    const changed = this.#programs.ownFiles(program).filter((file) => this.#compiled.get(file.fileName) !== file);
    for (const file of changed) this.#compiled.set(file.fileName, file);
    return changed.map((file) => emitFile(this.typescript, program, file));
  }
}

const lineCount = (text: string, offset: number) => text.slice(0, offset).split('\n').length - 1;

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end < 0 ? undefined : end);
}

type Mapping = (position: Position) => Position;

/**
 * One mapping after the other. It is kept as long as the session, so it must not be made where the program can be seen: a function keeps
 * everything that its neighbours use.
 */
const inSequence =
  (first: Mapping, second: Mapping): Mapping =>
  (position) =>
    second(first(position));
