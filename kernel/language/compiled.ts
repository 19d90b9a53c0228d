/** What the compiler makes of a cell. */
import type { SourceMapPayload } from 'node:module';
import type { ConvertResult } from 'tslab/dist/converter.js';
import type { Instrumentation } from './instrument.js';

/** A compiled cell, or its errors. */
export interface Compiled extends ConvertResult {
  /** `undefined` if there are errors. */
  readonly cell: CompiledCell | undefined;
  /** The files that the cell imports and that were compiled with it. */
  readonly files: readonly CompiledFile[];
  /** What would fix the errors, by their offset in the cell. */
  readonly fixes: ReadonlyMap<number, readonly string[]>;
}

/** A file that was compiled with a cell. */
export interface CompiledFile {
  /** The path of the JavaScript that runs. */
  readonly output: string;
  /** The path of the TypeScript that was typed. */
  readonly source: string;
  /** Source maps of the compilation, the last step first. */
  readonly steps: readonly SourceMapPayload[];
}

/** A cell without errors. */
export interface CompiledCell extends Pick<CompiledFile, 'steps'> {
  readonly instrumentation: Instrumentation;
}

/** The name under which a source file is compiled: its ending becomes `.js`. */
export const outputPath = (source: string) => source.replace(/\.[cm]?[jt]sx?$/, '.js');
