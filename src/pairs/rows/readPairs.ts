/**
 * Reads preference pairs from a file, row by row. A row that is not a pair is returned too, with its number, reason and
 * text.
 */
import type { PreferencePair } from '../pair.js';
import type { SkippedRow } from './skipped.js';
import { parsedRow, type RowLocation, type SkippedPair } from './parsedRow.js';
import { pairOfRow } from './parsePair.js';
import { readSource, type ExpectedRows, type SourceOptions } from '../sources/readSource.js';

export type { RowLocation, SkippedPair } from './parsedRow.js';

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

/** A row that is a pair. */
export interface PairOfRow extends RowLocation {
  readonly kind: 'pair';
  readonly pair: PreferencePair;
}

/** What the rows of a pairs file should be. */
export const expectedPairs: ExpectedRows = { example: '{"prompt": "...", "chosen": "...", "rejected": "..."}' };

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
  for await (const row of readSource(source, expectedPairs, options))
    yield parsedRow(row, pairOfRow, ({ pair }, place) => options.check?.(pair, place));
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

/** A skipped row as the readers of whole files return it. */
export function skippedRow({ row, file, reason, text }: SkippedPair): SkippedRow {
  return { line: row, ...(file === undefined ? {} : { file }), reason, text };
}
