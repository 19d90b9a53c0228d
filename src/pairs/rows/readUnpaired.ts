/** Reads unpaired examples from a file, row by row. A row that is not one is returned too, with its number, reason and text. */
import { parsedRow, type RowLocation, type SkippedPair } from './parsedRow.js';
import { skippedRow } from './readPairs.js';
import { unpairedOfRow, type UnpairedExample } from './parseUnpaired.js';
import { readSource, type ExpectedRows, type SourceOptions } from '../sources/readSource.js';
import type { SkippedRow } from './skipped.js';

/** How unpaired examples are read. */
export interface ReadUnpairedOptions extends SourceOptions {
  /** The caller's own test of an example and its place: the reason to skip it, or undefined to keep it. */
  readonly check?: (example: UnpairedExample, place: RowLocation) => string | undefined;
}

/** One row of an unpaired file. */
export type UnpairedRow = ExampleOfRow | SkippedPair;

/** A row that is an unpaired example. */
export interface ExampleOfRow extends RowLocation {
  readonly kind: 'example';
  readonly example: UnpairedExample;
}

/** All rows of an unpaired file. */
export interface UnpairedRead {
  readonly examples: UnpairedExample[];
  readonly skipped: SkippedRow[];
}

const expectedExamples: ExpectedRows = { example: '{"prompt": "...", "completion": "...", "label": true}' };

/**
 * The rows of an unpaired file one at a time: any format and place that `streamPairs` reads, with the columns `prompt`,
 * `completion` and `label`.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * for await (const row of streamUnpaired('rated.jsonl')) {
 *   if (row.kind === 'example') console.log(row.example.label, row.example.completion);
 *   else console.error(`row ${row.row}: ${row.reason}`);
 * }
 */
export async function* streamUnpaired(
  source: string,
  options: ReadUnpairedOptions = {},
): AsyncGenerator<UnpairedRow, void> {
  for await (const row of readSource(source, expectedExamples, options)) {
    yield parsedRow(row, unpairedOfRow, ({ example }, place) => options.check?.(example, place));
  }
}

/**
 * Reads all unpaired examples of a file, as `streamUnpaired` yields them.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * const { examples, skipped } = await readUnpaired('rated.jsonl');
 * console.log(`${examples.filter(({ label }) => label).length} of ${examples.length} are desirable`, skipped.length);
 */
export async function readUnpaired(source: string, options: ReadUnpairedOptions = {}): Promise<UnpairedRead> {
  const read: UnpairedRead = { examples: [], skipped: [] };
  for await (const row of streamUnpaired(source, options)) {
    if (row.kind === 'example') read.examples.push(row.example);
    else read.skipped.push(skippedRow(row));
  }
  return read;
}
