/** The program in which cells are checked: one language service, in which the current cell's file changes. */
import path from 'node:path';
import type ts from 'typescript';
import { cellFileText, type CellText } from './cellText.js';
import { createHost } from './files.js';
import type { GlobalDeclarations } from './globalDeclarations.js';
import { declarationsOf, type SessionName } from './sessionTypes.js';
import type { TypeScript } from './typescript.js';
import { VirtualFiles } from './virtualFiles.js';

/** A cell in the program. Offsets into `file` are `offset` larger than those into the cell's code. */
export interface OpenCell {
  readonly program: ts.Program;
  readonly file: ts.SourceFile;
  readonly offset: number;
}

/** What the program depends on. */
export interface ProgramOptions {
  readonly typescript: TypeScript;
  readonly globals: GlobalDeclarations;
  readonly folder: string;
  readonly settings: ts.CompilerOptions;
}

interface ExportInfoHost {
  getCachedExportInfoMap(): object;
}
interface WithExportInfo {
  createCacheableExportInfoMap(host: object): object;
}

/** The cells' program. */
export class CellPrograms {
  readonly service: ts.LanguageService;
  readonly #virtual = new VirtualFiles();
  readonly #folder: string;
  readonly #globals: string;
  readonly #neutral: string;
  /** Earlier cells that add to the global scope or to a module, by what they add. */
  #augmenting: readonly string[] = [];
  #current: string;

  constructor({ typescript, globals, folder, settings }: ProgramOptions) {
    this.#folder = folder.replaceAll(path.sep, '/');
    this.#globals = globals.file;
    this.#neutral = `${this.#folder}/__neutral__.ts`;
    this.#current = this.#fileOf('cell', 'ts');
    this.#virtual.set(globals.file, globals.text);
    this.#virtual.set(this.#neutral, 'export {};\n');
    this.#virtual.set(this.#current, 'export {};\n');
    const host = createHost({ typescript, globals, folder: this.#folder, settings }, this.#virtual, () => [
      this.#globals,
      this.#neutral,
      ...this.#augmenting,
      this.#current,
    ]);
    // What modules export is remembered between completions.
    const exportInfo = (typescript as TypeScript & WithExportInfo).createCacheableExportInfoMap({
      getCurrentProgram: () => this.service.getProgram(),
      getPackageJsonAutoImportProvider: () => undefined,
      getGlobalTypingsCacheLocation: () => undefined,
    });
    const extended: ts.LanguageServiceHost & ExportInfoHost = { ...host, getCachedExportInfoMap: () => exportInfo };
    this.service = typescript.createLanguageService(extended);
  }

  /** A module without names. */
  neutral(program: ts.Program): ts.SourceFile {
    return program.getSourceFile(this.#neutral)!;
  }

  /** Makes a cell the current one, after declarations of earlier names. */
  open(cell: CellText, earlier: readonly SessionName[]): OpenCell {
    const variables = earlier.filter(({ isVariable }) => isVariable).map(({ name }) => name);
    const { text, offset } = cellFileText(cell, declarationsOf(earlier), variables);
    this.#current = this.#fileOf('cell', cell.syntax);
    this.#virtual.set(this.#current, text);
    const program = this.service.getProgram()!;
    return { program, file: program.getSourceFile(this.#current)!, offset };
  }

  /** Keeps the current cell's file under the cell's name, so that later cells can import from it. */
  keep({ file }: OpenCell, name: string, augments: boolean): void {
    const kept = this.#fileOf(name, path.extname(file.fileName).slice(1));
    this.#virtual.set(kept, file.text);
    if (augments) this.#augmenting = [...this.#augmenting, kept];
  }

  /** How other cells import a cell that was kept. */
  specifierOf = (name: string) => `./__${name}__`;

  /** An import of the current cell's file as other cells write it. */
  rename = (module: string, name: string) => {
    const isCurrent = module === `${this.#folder}/__cell__` || module === './__cell__';
    if (isCurrent) return this.specifierOf(name);
    const base = `${this.#folder}/__`;
    return module.startsWith(base) && module.endsWith('__') ? `.${module.slice(this.#folder.length)}` : module;
  };

  /** The user's own files in the program, which run with the cell. */
  ownFiles(program: ts.Program): ts.SourceFile[] {
    return program
      .getSourceFiles()
      .filter(
        (file) =>
          !file.isDeclarationFile &&
          !this.#virtual.has(file.fileName) &&
          !file.fileName.includes('/node_modules/') &&
          !file.fileName.endsWith('.json'),
      );
  }

  /** Whether a file is a cell, and not one on disk. */
  isCell(file: string): boolean {
    return this.#virtual.has(file);
  }

  /** Forgets all cells. */
  reset(): void {
    this.#augmenting = [];
    this.#virtual.set(this.#current, 'export {};\n');
  }

  #fileOf(name: string, ending: string): string {
    return `${this.#folder}/__${name}__.${ending}`;
  }
}
