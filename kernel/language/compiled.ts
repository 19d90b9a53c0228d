/** What the compiler makes of a cell. */
import type { CellDiagnostic } from './diagnosticError.js';
import type { Position } from './positions.js';
import type { RewrittenCell } from './rewrite/rewriteCell.js';
import type { SessionName } from './sessionTypes.js';

/** A compiled cell, or its errors. */
export interface Compiled {
  readonly diagnostics: readonly CellDiagnostic[];
  /** `undefined` if there are errors. */
  readonly cell: CompiledCell | undefined;
  /** The files that the cell imports and that were compiled with it. */
  readonly files: readonly CompiledFile[];
}

/** A cell without errors. */
export interface CompiledCell {
  readonly rewritten: RewrittenCell;
  /** The typed position of a position in the JavaScript that runs. */
  readonly original: (position: Position) => Position;
  /** The typed position of a top-level statement. */
  readonly statement: (index: number) => Position | undefined;
  /** The names that it declares, for later cells. */
  readonly names: readonly SessionName[];
  /**
   * Makes these names known to later cells; called when the cell has run, with those that it has reached. What it has
   * asserted about variables counts if it ran to its end (`isWhole`).
   */
  readonly commit: (reached: (name: string) => boolean, isWhole: boolean) => void;
}

/** A file that was compiled with a cell. */
export interface CompiledFile {
  /** The path of the JavaScript that runs. */
  readonly output: string;
  /** The path of the TypeScript that was typed. */
  readonly source: string;
  /** CommonJS. */
  readonly javascript: string;
  /** Whether it awaits at its top, so that it can't be required before it has run. */
  readonly awaits: boolean;
  readonly original: (position: Position) => Position;
}

/** The name under which a source file is compiled: its ending becomes `.js`. */
export const outputPath = (source: string) => source.replace(/\.[cm]?[jt]sx?$/, '.js');
