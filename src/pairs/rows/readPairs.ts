/**
 * Preference pairs from a file, row by row. A row that is no pair is never lost: it comes back with its number, its reason
 * and its text, beside the pairs that are good.
 */
import type { PreferencePair } from '../pair.js';
import type { FileRow, Row } from '../formats/fileRow.js';
import type { SkippedRow } from './skipped.js';
import { pairOfRow } from './parsePair.js';
import { readSource, type SourceOptions, type Wanted } from '../sources/readSource.js';

export interface ReadPairsOptions extends SourceOptions {
  /** The caller's own test of a pair: the reason why it can't be used, or undefined where it can. */
  readonly check?: (pair: PreferencePair) => string | undefined;
}

export interface PairsRead {
  readonly pairs: PreferencePair[];
  readonly skipped: SkippedRow[];
}

/** One row of a pairs file: a pair, or the reason why it is none. */
export type PairRow = PairOfRow | SkippedPair;

interface PlaceOfRow {
  /** The row's number: in JSONL the line, in CSV as spreadsheets count (the header is 1), else from 1. */
  readonly row: number;
  /** Of a dataset of several files the one that holds the row. */
  readonly file?: string;
}

export interface PairOfRow extends PlaceOfRow {
  readonly kind: 'pair';
  readonly pair: PreferencePair;
}

export interface SkippedPair extends PlaceOfRow {
  readonly kind: 'skipped';
  /** What is wrong with it and what would be right. */
  readonly reason: string;
  /** The column that is at fault, where it is one. */
  readonly column?: string;
  /** The row as it is; of an overlong one its first characters. */
  readonly text: string;
  /** Its columns, where it has any. */
  readonly values?: Row;
}

export const wantedPairs: Wanted = { example: '{"prompt": "...", "chosen": "...", "rejected": "..."}' };

/**
 * The rows of a pairs file one at a time, so that a file larger than memory will do: JSONL, CSV or Parquet, a dataset
 * folder, or a dataset of the Hub by its id. `prompt`, `chosen` and `rejected` are texts or TRL's lists of messages;
 * `rationale` (or `rational`), `score_chosen`, `score_rejected` and `provenance` are read, other columns kept.
 *
 * @throws ApolabError where the source isn't there, can't be read or has no rows at all
 * @example
 * for await (const row of streamPairs('pairs.parquet')) {
 *   if (row.kind === 'pair') console.log(row.pair.prompt);
 *   else console.error(`row ${row.row}: ${row.reason}`);
 * }
 */
export async function* streamPairs(source: string, options: ReadPairsOptions = {}): AsyncGenerator<PairRow, void> {
  for await (const row of readSource(source, wantedPairs, options)) yield toPairRow(row, options.check);
}

function toPairRow(row: FileRow, check: ReadPairsOptions['check']): PairRow {
  const place = { row: row.row, ...(row.file === undefined ? {} : { file: row.file }) };
  if (row.kind === 'unreadable') return { kind: 'skipped', ...place, reason: row.reason, text: row.text() };
  const parsed = pairOfRow(row.values);
  if (parsed.kind === 'skipped') return { ...parsed, ...place, text: row.text(), values: row.values };
  const reason = check?.(parsed.pair);
  if (reason === undefined) return { ...place, ...parsed };
  return { kind: 'skipped', ...place, reason, text: row.text(), values: row.values };
}

/**
 * Reads all pairs of a file, as `streamPairs` yields them.
 *
 * @returns the pairs in the file's order, and every other row with its number and reason
 * @throws ApolabError where the source isn't there, can't be read or has no rows at all
 * @example
 * const { pairs, rejected } = await readPairs('pairs.jsonl');
 * console.log(`${pairs.length} pairs`, formatSkipped(rejected, 'pairs.jsonl'));
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
