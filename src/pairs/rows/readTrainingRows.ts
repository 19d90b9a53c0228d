/** Reads files that hold pairs, unpaired examples, or both, row by row. */
import { isUnpairedRow, unpairedOfRow } from './parseUnpaired.js';
import { parsedRow, type RowLocation, type SkippedPair } from './parsedRow.js';
import { pairOfRow } from './parsePair.js';
import { expectedPairs, skippedRow, type PairOfRow } from './readPairs.js';
import type { ExampleOfRow } from './readUnpaired.js';
import { readSource, type SourceOptions } from '../sources/readSource.js';
import type { SkippedRow } from './skipped.js';
import type { TrainingRow } from './trainingRow.js';

/** How rows are read. */
export interface ReadTrainingRowsOptions extends SourceOptions {
  /** The caller's own test of a row and its place: the reason to skip it, or undefined to keep it. */
  readonly check?: (row: TrainingRow, place: RowLocation) => string | undefined;
}

/** All rows of a file. */
export interface TrainingRowsRead {
  /** Pairs and unpaired examples, in the file's order. */
  readonly rows: TrainingRow[];
  readonly skipped: SkippedRow[];
}

/**
 * The rows of a source one at a time: of each row that has the columns of an unpaired example (`prompt`, `completion`,
 * `label`) the example, of each other row the pair. Places and formats are those of `streamPairs`.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * for await (const row of streamTrainingRows('mixed.jsonl')) {
 *   if (row.kind === 'example') console.log(row.example.label);
 *   else if (row.kind === 'pair') console.log(row.pair.chosen);
 * }
 */
export async function* streamTrainingRows(
  source: string,
  options: ReadTrainingRowsOptions = {},
): AsyncGenerator<PairOfRow | ExampleOfRow | SkippedPair, void> {
  for await (const row of readSource(source, expectedPairs, options)) {
    yield parsedRow(
      row,
      (values) => (isUnpairedRow(values) ? unpairedOfRow(values) : pairOfRow(values)),
      (parsed, place) => options.check?.(parsed.kind === 'pair' ? parsed.pair : parsed.example, place),
    );
  }
}

/**
 * Reads all rows of a file, as `streamTrainingRows` yields them.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * const { rows, skipped } = await readTrainingRows('mixed.jsonl');
 * console.log(`${rows.filter(isUnpaired).length} of ${rows.length} rows are unpaired`, skipped.length);
 */
export async function readTrainingRows(
  source: string,
  options: ReadTrainingRowsOptions = {},
): Promise<TrainingRowsRead> {
  const read: TrainingRowsRead = { rows: [], skipped: [] };
  for await (const row of streamTrainingRows(source, options)) {
    if (row.kind === 'skipped') read.skipped.push(skippedRow(row));
    else read.rows.push(row.kind === 'pair' ? row.pair : row.example);
  }
  return read;
}
