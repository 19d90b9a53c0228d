/** Writes pairs to a file, one at a time or all at once. */
import type { PreferencePair } from '../pair.js';
import { isFolder } from '../sources/statIfExists.js';
import { writeFolder } from '../sources/writeFolder.js';
import type { RowSink, WriteOptions } from '../formats/format.js';
import { formats, formatToWrite, isGzipName, type FormatId } from '../formats/formats.js';
import { gzipSink } from '../formats/gzipSink.js';
import { formOf, rowOrError, type FormId } from './rowOfPair.js';

/** How pairs are written. */
export interface WritePairsOptions extends WriteOptions {
  /** By default the format of the file's ending. */
  readonly format?: FormatId;
  /**
   * `standard` writes texts, `conversational` lists of `{role, content}`; `as-is` (the default) writes each pair in the
   * form in which it was read.
   */
  readonly form?: FormId;
  /** The split of a dataset folder; `train` by default. */
  readonly split?: string;
}

/** Takes pairs one at a time; the file appears under its name only when it is complete. */
export interface PairWriter {
  write(pair: PreferencePair): Promise<void>;
  /** Writes the rest, and moves the file to its name. */
  close(): Promise<void>;
  /** Discards what was written; a file of that name stays as it was. */
  abort(): Promise<void>;
}

/**
 * Opens a file for pairs, which are written as they come, so that memory stays flat. The ending chooses JSONL, CSV or
 * Parquet, with `.gz` after it a compressed text; a name without an ending is a dataset folder, which gets a Parquet file in `data/`.
 *
 * @throws ApolabError if the ending is not of a format; `write` throws one if the form cannot hold a pair
 * @example
 * const writer = await pairWriter('pairs.parquet');
 * for (const pair of pairs) await writer.write(pair);
 * await writer.close();
 */
export async function pairWriter(file: string, options: WritePairsOptions = {}): Promise<PairWriter> {
  const form = formOf(options.form ?? 'as-is');
  const sink = await rowSink(file, options);
  let written = 0;
  return {
    write: (pair) => sink.write(rowOrError(pair, form, (written += 1))),
    close: () => sink.close(),
    abort: () => sink.abort(),
  };
}

/** Opens the target for rows: a dataset folder, or a file in the format of its ending. */
export async function rowSink(target: string, options: WritePairsOptions): Promise<RowSink> {
  const isDataset =
    options.format === undefined && (/(^|[\\/])[^.\\/]*[\\/]?$/.test(target) || (await isFolder(target)));
  if (isDataset) return writeFolder(target, options.split ?? 'train');
  const format = formats[formatToWrite(target, options.format)];
  return isGzipName(target) ? gzipSink(target, format, options) : format.write(target, options);
}

/**
 * Writes all pairs or, if an error occurs, no file. The columns are TRL's `prompt`, `chosen`, `rejected`, and those of
 * `rationale`, `score_chosen`, `score_rejected`, `provenance` and other columns that a pair has. `readPairs`, Hugging Face's
 * `load_dataset` and TRL's trainers read the file.
 *
 * @example
 * await writePairs('results/clair.parquet', clair({ prompts, policy, reviser }), { form: 'conversational' });
 */
export async function writePairs(
  file: string,
  pairs: Iterable<PreferencePair> | AsyncIterable<PreferencePair>,
  options: WritePairsOptions = {},
): Promise<void> {
  const writer = await pairWriter(file, options);
  try {
    for await (const pair of pairs) await writer.write(pair);
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
