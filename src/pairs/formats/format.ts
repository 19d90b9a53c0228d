/** What a format has to do: give rows one at a time, and take rows one at a time. */
import type { FileRow, Row } from './fileRow.js';

export interface ReadOptions {
  /** Longest line of JSONL and longest row of CSV that is read, in bytes; 1 MiB by default. */
  readonly maxLineBytes?: number;
  /** What stands between the cells of a CSV file; found out from its first row where it isn't told. */
  readonly delimiter?: string;
  /** Called now and then with how many bytes of the file were read. */
  readonly onBytes?: (bytes: number) => void;
}

export interface WriteOptions {
  /** What stands between the cells of a CSV file; a comma, and in `.tsv` a tab. */
  readonly delimiter?: string;
}

/** Takes rows one at a time, and puts the file in its place when it is closed. */
export interface RowSink {
  write(row: Row): Promise<void>;
  /** Writes the file to its end and puts it in its place. */
  close(): Promise<void>;
  /** Leaves the place as it was. */
  abort(): Promise<void>;
}

export interface Format {
  /** Endings of file names, each with its dot. */
  readonly extensions: readonly string[];
  readonly description: string;
  read(file: string, options: ReadOptions): AsyncGenerator<FileRow, void>;
  write(file: string, options: WriteOptions): Promise<RowSink>;
}
