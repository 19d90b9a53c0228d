/** What a file format provides: rows read one at a time, and rows written one at a time. */
import type { FileRow, Row } from './fileRow.js';

/** The ids of the formats; each must have its row in the table of formats.ts. */
export type FormatId = 'jsonl' | 'csv' | 'parquet';

/** The longest line of JSONL, and the longest row of CSV, that is read by default, in bytes. */
export const longestLine = 2 ** 20;

/** Options of reading one file. */
export interface ReadOptions {
  /** Longest line of JSONL and longest row of CSV that is read, in bytes; 1 MiB by default. */
  readonly maxLineBytes?: number;
  /** The delimiter of a CSV file; detected from its first row by default. */
  readonly delimiter?: string;
  /** Called now and then with the number of bytes read so far. */
  readonly onBytes?: (bytes: number) => void;
}

/** Options of writing one file. */
export interface WriteOptions {
  /** The delimiter of a CSV file; a comma by default, a tab in `.tsv`. */
  readonly delimiter?: string;
}

/** Takes rows one at a time; the file appears under its name only when it is complete. */
export interface RowSink {
  write(row: Row): Promise<void>;
  /** Writes the rest, and moves the file to its name. */
  close(): Promise<void>;
  /** Discards what was written; a file of that name stays as it was. */
  abort(): Promise<void>;
}

/** One row of the table of formats. */
export interface Format {
  /** Endings of file names, each with its dot. */
  readonly extensions: readonly string[];
  /** For help texts. */
  readonly description: string;
  /** What messages call the unit that is numbered: an editor jumps to a line, a table has rows. */
  readonly unit: 'line' | 'row';
  /** The characters with which every file of the format begins; they count more than the file's name. */
  readonly magic?: string;
  /** Whether a file without a telling name is of this format, by its first 4096 characters. */
  recognizes(head: string): boolean;
  /** Reads the rows in order; a row that cannot be read is yielded with its reason. */
  read(file: string, options: ReadOptions): AsyncGenerator<FileRow, void>;
  /** Opens a file for writing. */
  write(file: string, options: WriteOptions): Promise<RowSink>;
}
