/** Converts pairs from any format to any other, row by row. */
import { rm } from 'node:fs/promises';
import type { PreferencePair } from '../pair.js';
import { openAtomic, type AtomicFile } from '../../core/atomicFile.js';
import { attempt } from './badRow.js';
import { stringifyJson } from '../formats/exactJson.js';
import { createDuplicateFinder } from './duplicates.js';
import { rowSink, type WritePairsOptions } from './pairWriter.js';
import { streamPairs, type PairRow, type ReadPairsOptions } from './readPairs.js';
import { formOf, rowOfPair, type FormId } from './rowOfPair.js';

/** How pairs are read, converted and written. */
export interface ConvertOptions extends ReadPairsOptions, Omit<WritePairsOptions, 'delimiter' | 'split'> {
  /** The split of a dataset folder to write; the source's split by default. */
  readonly targetSplit?: string;
  /** Omits pairs that repeat the prompt and both responses of an earlier pair. */
  readonly deduplicate?: boolean;
  /** Stops before the next row; the target stays as it was. */
  readonly signal?: AbortSignal;
  /** Called after each row with the number of rows so far. */
  readonly onRow?: (rows: number) => void;
}

/** The counts of a conversion. */
export interface Converted {
  /** All rows that were read: `pairs + skipped + duplicates`. */
  readonly rows: number;
  /** Pairs that were written. */
  readonly pairs: number;
  /** Rows that could not be used. */
  readonly skipped: number;
  /** Repeated pairs that were omitted; 0 without `deduplicate`. */
  readonly duplicates: number;
  /** The file of skipped rows with their numbers, reasons and contents; absent if there are none. */
  readonly skippedFile?: string;
}

/**
 * Converts a source of pairs to another format or form. Memory use does not depend on the size. Rows that are not pairs, or
 * that do not fit the form, go to `<target>.skipped.jsonl`; such a file of an earlier run is removed.
 *
 * @throws ApolabError if the source can't be read or has no rows, or the target's ending is not of a format
 * @example
 * const counts = await convertPairs('pairs.jsonl', 'pairs.parquet', { form: 'conversational' });
 * console.log(`${counts.pairs} pairs, ${counts.skipped} rows skipped`);
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
      const converted = row.kind === 'pair' ? columnsOf(row.pair, form) : row;
      if (converted.kind === 'skipped') {
        counts.skipped += 1;
        skippedRows ??= await openAtomic(skippedFile);
        await skippedRows.write(`${skippedLine(row, converted.reason)}\n`);
      } else if (row.kind === 'pair' && isDuplicate(row.pair)) counts.duplicates += 1;
      else {
        counts.pairs += 1;
        await sink.write(converted.values);
      }
      options.onRow?.(counts.rows);
    }
    // Closed before the target, so that every skipped row is on disk when the target appears.
    await skippedRows?.close();
    await sink.close();
    if (skippedRows === undefined) await rm(skippedFile, { force: true });
  } catch (error) {
    await Promise.all([sink.abort(), skippedRows?.abort()]);
    throw error;
  }
  return { ...counts, ...(counts.skipped === 0 ? {} : { skippedFile }) };
}

/** The columns of a pair in a form, or the reason why the form cannot hold it. */
function columnsOf(pair: PreferencePair, form: FormId) {
  return attempt(() => ({ kind: 'values' as const, values: rowOfPair(pair, form) }));
}

/** One line of the file of skipped rows: row number, file, reason, and the row's columns or else its text. */
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
