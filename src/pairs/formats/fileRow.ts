/** One row of a file as its format gives it, before anything checks what it means: the same for every format. */

/** Columns by name, with JSON values, and `bigint` for integers that a `number` would round. */
export type Row = Readonly<Record<string, unknown>>;

/** The value of a column; undefined if the row has no such column, also for names such as `constructor`. */
export function cellOf(row: Row, column: string): unknown {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}

/** Identifies a row. */
interface RowLocation {
  /** In JSONL and plain text the line, from 1; in CSV the row as spreadsheets count (the header is 1); else the row, from 1. */
  readonly row: number;
  /** The file that holds the row, relative to the dataset, if a dataset has several. */
  readonly file?: string;
  /** The row as text, for the person who has to fix it. */
  readonly text: () => string;
}

/** A row with its columns, or the reason why it has none: broken JSON, a cell too many, bytes that are not UTF-8. */
export type FileRow = RowLocation &
  ({ readonly kind: 'values'; readonly values: Row } | { readonly kind: 'unreadable'; readonly reason: string });
