/** One row of a file as it lies there, before anybody asks what it means: the same for every format. */

/** Columns by name, with the values that JSON knows (and `bigint` for whole numbers that a `number` would round). */
export type Row = Readonly<Record<string, unknown>>;

/** What a row holds in a column; undefined where it has no such column, whatever objects have by nature (`constructor`). */
export function cellOf(row: Row, column: string): unknown {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}

interface Place {
  /** In JSONL and in text the line, from 1; in CSV the row as spreadsheets count (the header is 1); else the row, from 1. */
  readonly row: number;
  /** Of a dataset of several files the one that holds it, relative to the dataset. */
  readonly file?: string;
  /** What it holds, as text, for the person who has to repair it. */
  readonly text: () => string;
}

export type FileRow = Place &
  (
    | { readonly kind: 'values'; readonly values: Row }
    /** Nothing that has columns: broken JSON, a cell too many, bytes that are no text. */
    | { readonly kind: 'unreadable'; readonly reason: string }
  );
