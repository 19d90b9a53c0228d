/** Pairs into a file, one at a time or all at once. */
import type { PreferencePair } from '../pair.js';
import { writeFolder } from '../sources/writeFolder.js';
import type { RowSink, WriteOptions } from '../formats/format.js';
import { formats, formatToWrite, isFolder, type FormatId } from '../formats/formats.js';
import { formOf, rowOrError, type FormId } from './rowOfPair.js';

export interface WritePairsOptions extends WriteOptions {
  /** What the file's name says, unless told. */
  readonly format?: FormatId;
  /**
   * `standard` writes texts, `conversational` lists of `{role, content}`; `as-is` (the default) writes each pair in the
   * form it was read in.
   */
  readonly form?: FormId;
  /** The split that a dataset folder is written for; `train` by default. */
  readonly split?: string;
}

export interface PairWriter {
  write(pair: PreferencePair): Promise<void>;
  /** Ends the file and puts it in its place; only now is it there. */
  close(): Promise<void>;
  /** Leaves the place as it was. */
  abort(): Promise<void>;
}

/**
 * Opens a file for pairs, which are written as they come, so that memory stays flat. JSONL, CSV and Parquet go by the
 * file's ending; a name without ending is a dataset folder, which gets Parquet shards in `data/`.
 *
 * @throws ApolabError where the ending is of no format, and by `write` where the form cannot hold a pair
 * @example
 * const writer = await pairWriter('pairs.parquet');
 * for await (const pair of builder) await writer.write(pair);
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

/** The writer that a target's name asks for. */
export async function rowSink(target: string, options: WritePairsOptions): Promise<RowSink> {
  const isDataset =
    options.format === undefined && (/(^|[\\/])[^.\\/]*[\\/]?$/.test(target) || (await isFolder(target)));
  if (isDataset) return writeFolder(target, options.split ?? 'train');
  return formats[formatToWrite(target, options.format)].write(target, options);
}

/**
 * Writes pairs whole or not at all, in TRL's columns: `prompt`, `chosen`, `rejected` and, where a pair has them,
 * `rationale`, `score_chosen`, `score_rejected`, `provenance` and its other columns. `readPairs` and Hugging Face's
 * `load_dataset` read them back, and TRL's trainers take them as they are.
 *
 * @example
 * await writePairs('results/clair.parquet', clair(options), { form: 'conversational' });
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
