/** Pairs from any format into any other, row by row. */
import { rm } from 'node:fs/promises';
import type { PreferencePair } from '../pair.js';
import { openAtomic, type AtomicFile } from '../../core/atomicFile.js';
import { BadRow } from './badRow.js';
import { stringifyJson } from '../formats/exactJson.js';
import { createDuplicateFinder } from './duplicates.js';
import { rowSink, type WritePairsOptions } from './pairWriter.js';
import { streamPairs, type PairRow, type ReadPairsOptions } from './readPairs.js';
import { formOf, rowOfPair, type FormId } from './rowOfPair.js';

export interface ConvertOptions extends ReadPairsOptions, Omit<WritePairsOptions, 'delimiter' | 'split'> {
  /** The split that a dataset folder is written for; that of the source by default. */
  readonly targetSplit?: string;
  /** Leaves out a pair whose prompt and both responses came before. */
  readonly deduplicate?: boolean;
  /** Set off to end at the next row, with the target as it was before. */
  readonly signal?: AbortSignal;
  /** Told after each row how many there were. */
  readonly onRow?: (rows: number) => void;
}

export interface Converted {
  /** All rows that were read: `pairs + rejected + duplicates`. */
  readonly rows: number;
  /** Pairs that were written. */
  readonly pairs: number;
  readonly skipped: number;
  /** Pairs that were left out because they came before; 0 where nobody asked. */
  readonly duplicates: number;
  /** Where the rejected rows are, each with its number, its reason and what it held; absent where there are none. */
  readonly skippedFile?: string;
}

/**
 * Converts a source of pairs into another format or form. Memory stays flat, whatever the size. A row that is no pair, or
 * that the form cannot hold, is kept in `<target>.skipped.jsonl`; such a file of an earlier run is removed.
 *
 * @throws ApolabError where the source can't be read or has no rows, or the target's ending is of no format
 * @example
 * const counts = await convertPairs('pairs.jsonl', 'pairs.parquet', { form: 'conversational' });
 * console.log(`${counts.pairs} pairs, ${counts.skipped} rows rejected`);
 */
export async function convertPairs(source: string, target: string, options: ConvertOptions = {}): Promise<Converted> {
  const form = formOf(options.form ?? 'as-is');
  const skippedFile = `${target.replace(/[\\/]+$/, '')}.skipped.jsonl`;
  const isDuplicate = options.deduplicate === true ? createDuplicateFinder() : () => false;
  const targetSplit = options.targetSplit ?? options.split;
  const sink = await rowSink(target, {
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(targetSplit === undefined ? {} : { split: targetSplit }),
  });
  let skippedRows: AtomicFile | undefined;
  const counts = { rows: 0, pairs: 0, skipped: 0, duplicates: 0 };
  try {
    for await (const row of streamPairs(source, options)) {
      options.signal?.throwIfAborted();
      counts.rows += 1;
      const written = row.kind === 'pair' ? columnsOf(row.pair, form) : row.reason;
      if (typeof written === 'string') {
        counts.skipped += 1;
        skippedRows ??= await openAtomic(skippedFile);
        await skippedRows.write(`${skippedLine(row, written)}\n`);
      } else if (row.kind === 'pair' && isDuplicate(row.pair)) counts.duplicates += 1;
      else {
        counts.pairs += 1;
        await sink.write(written);
      }
      options.onRow?.(counts.rows);
    }
    // Before the target: what it lacks is then never without a place.
    await skippedRows?.close();
    await sink.close();
    if (skippedRows === undefined) await rm(skippedFile, { force: true });
  } catch (error) {
    await Promise.all([sink.abort(), skippedRows?.abort()]);
    throw error;
  }
  return { ...counts, ...(counts.skipped === 0 ? {} : { skippedFile }) };
}

/** The columns of a pair in a form, or the reason why it has none. */
function columnsOf(pair: PreferencePair, form: FormId) {
  try {
    return rowOfPair(pair, form);
  } catch (error) {
    if (error instanceof BadRow) return error.message;
    throw error;
  }
}

/** One line of the file of rejected rows: where the row was, why it is there, and its columns or else its text. */
function skippedLine(row: PairRow, reason: string): string {
  const held =
    row.kind === 'pair'
      ? { values: rowOfPair(row.pair) }
      : row.values === undefined
        ? { text: row.text }
        : { values: row.values };
  return stringifyJson({
    row: row.row,
    ...(row.file === undefined ? {} : { file: row.file }),
    reason,
    ...(row.kind === 'skipped' && row.column !== undefined ? { column: row.column } : {}),
    ...held,
  });
}
