/**
 * Reads preference pairs from a file, row by row. A row that is not a pair is returned too, with its number, reason and
 * text.
 */
import type { PreferencePair } from '../pair.js';
import type { FileRow, Row } from '../formats/fileRow.js';
import type { SkippedRow } from './skipped.js';
import type { Skipped } from './badRow.js';
import { pairOfRow } from './parsePair.js';
import { readSource, type ExpectedRows, type SourceOptions } from '../sources/readSource.js';

/** How pairs are read. */
export interface ReadPairsOptions extends SourceOptions {
  /** The caller's own test of a pair and its place: the reason to skip it, or undefined to keep it. */
  readonly check?: (pair: PreferencePair, place: RowLocation) => string | undefined;
}

/** All rows of a pairs file. */
export interface PairsRead {
  readonly pairs: PreferencePair[];
  readonly skipped: SkippedRow[];
}

/** One row of a pairs file: a pair, or the reason why it is not one. */
export type PairRow = PairOfRow | SkippedPair;

/** Identifies a row. */
export interface RowLocation {
  /** The row's number: in JSONL the line, in CSV as spreadsheets count (the header is 1), else from 1. */
  readonly row: number;
  /** The file that holds the row, if a dataset has several. */
  readonly file?: string;
}

/** A row that is a pair. */
export interface PairOfRow extends RowLocation {
  readonly kind: 'pair';
  readonly pair: PreferencePair;
}

/** A row that is not a pair, or that `check` refused. */
export interface SkippedPair extends RowLocation, Skipped {
  /** The text of the row; only its beginning if it is too long. */
  readonly text: string;
  /** Its columns, if it has any. */
  readonly values?: Row;
}

/** What the rows of a pairs file should be. */
const expectedPairs: ExpectedRows = { example: '{"prompt": "...", "chosen": "...", "rejected": "..."}' };

/**
 * The rows of a pairs file one at a time, so that the file may be larger than memory: JSONL, CSV or Parquet, a dataset
 * folder, or a dataset of the Hub by its id. `prompt`, `chosen` and `rejected` are texts or TRL's lists of messages;
 * `rationale` (or `rational`), `score_chosen`, `score_rejected` and `provenance` are read, other columns kept.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * for await (const row of streamPairs('pairs.parquet')) {
 *   if (row.kind === 'pair') console.log(row.pair.prompt);
 *   else console.error(`row ${row.row}: ${row.reason}`);
 * }
 */
export async function* streamPairs(source: string, options: ReadPairsOptions = {}): AsyncGenerator<PairRow, void> {
  for await (const row of readSource(source, expectedPairs, options)) yield toPairRow(row, options.check);
}

function toPairRow(row: FileRow, check: ReadPairsOptions['check']): PairRow {
  const place = { row: row.row, ...(row.file === undefined ? {} : { file: row.file }) };
  if (row.kind === 'unreadable') return { kind: 'skipped', ...place, reason: row.reason, text: row.text() };
  const parsed = pairOfRow(row.values);
  if (parsed.kind === 'skipped') return { ...parsed, ...place, text: row.text(), values: row.values };
  const reason = check?.(parsed.pair, place);
  if (reason === undefined) return { ...place, ...parsed };
  return { kind: 'skipped', ...place, reason, text: row.text(), values: row.values };
}

/**
 * Reads all pairs of a file, as `streamPairs` yields them.
 *
 * @returns the pairs in the file's order, and every other row with its number and reason
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * const { pairs, skipped } = await readPairs('pairs.jsonl');
 * console.log(`${pairs.length} pairs`, formatSkipped(skipped, 'pairs.jsonl'));
 */
export async function readPairs(source: string, options: ReadPairsOptions = {}): Promise<PairsRead> {
  const read: PairsRead = { pairs: [], skipped: [] };
  for await (const row of streamPairs(source, options)) {
    if (row.kind === 'pair') read.pairs.push(row.pair);
    else read.skipped.push(skippedRow(row));
  }
  return read;
}

function skippedRow({ row, file, reason, text }: SkippedPair): SkippedRow {
  return { line: row, ...(file === undefined ? {} : { file }), reason, text };
}
