/** From a row of a file to what it means: the part that all readers share. */
import type { FileRow, Row } from '../formats/fileRow.js';
import type { Skipped } from './badRow.js';

/** Identifies a row. */
export interface RowLocation {
  /** The row's number: in JSONL the line, in CSV as spreadsheets count (the header is 1), else from 1. */
  readonly row: number;
  /** The file that holds the row, if a dataset has several. */
  readonly file?: string;
}

/** A row that cannot be used, or that `check` refused. */
export interface SkippedPair extends RowLocation, Skipped {
  /** The text of the row; only its beginning if it is too long. */
  readonly text: string;
  /** Its columns, if it has any. */
  readonly values?: Row;
}

/**
 * What a row of a file means, with its place; a row that means nothing has its reason and text.
 *
 * @param parse parses the row's columns
 * @param check the reason to skip what was parsed, or undefined to keep it
 */
export function parsedRow<Parsed extends { readonly kind: string }>(
  row: FileRow,
  parse: (values: Row) => Parsed | Skipped,
  check: (parsed: Parsed, place: RowLocation) => string | undefined,
): (RowLocation & Parsed) | SkippedPair {
  const place = { row: row.row, ...(row.file === undefined ? {} : { file: row.file }) };
  if (row.kind === 'unreadable') return { kind: 'skipped', ...place, reason: row.reason, text: row.text() };
  const { values } = row;
  const parsed = parse(values);
  if (isSkipped(parsed)) return { ...parsed, ...place, text: row.text(), values };
  const reason = check(parsed, place);
  if (reason === undefined) return { ...place, ...parsed };
  return { kind: 'skipped', ...place, reason, text: row.text(), values };
}

function isSkipped(parsed: { readonly kind: string }): parsed is Skipped {
  return parsed.kind === 'skipped';
}
