/** Reads the rows of a file, of a dataset folder, or of a dataset of the Hub. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { filesOfFolder, type DatasetOptions } from './datasetFolder.js';
import type { FileRow } from '../formats/fileRow.js';
import type { ReadOptions } from '../formats/format.js';
import { formatOfFile, formats } from '../formats/formats.js';
import { readTextRows } from '../formats/jsonl.js';
import { fetchDataset, hubReference, type HubOptions } from './hub.js';
import { isFolder } from './statIfExists.js';

/** How a source is read. */
export interface SourceOptions extends DatasetOptions, HubOptions, Omit<ReadOptions, 'onBytes'> {
  /** Called now and then with the number of bytes read so far, and of all bytes. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

/** What the rows of a source should be. */
export interface ExpectedRows {
  /** A row for error messages: `{"prompt": "..."}`. */
  readonly example: string;
  /** The column that the lines of a plain text file become; without it, plain text is not read. */
  readonly textColumn?: string;
}

/**
 * The rows of a source, one at a time: a file in JSONL, CSV or Parquet (by its magic number, name or beginning), the files
 * of a folder, or a dataset of the Hub by its id (`owner/name`), which is fetched once and kept in the cache.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 */
export async function* readSource(
  source: string,
  expected: ExpectedRows,
  options: SourceOptions = {},
): AsyncGenerator<FileRow, void> {
  let rows = 0;
  try {
    const { folder, files } = await filesOf(source, options);
    const places = files.map((file) => path.join(folder, file));
    const sizes = await Promise.all(places.map(async (place) => (await stat(place)).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let before = 0;
    for (const [index, place] of places.entries()) {
      const onBytes = (bytes: number) => options.onProgress?.(before + bytes, total);
      for await (const row of await openFile(place, expected, { ...options, onBytes })) {
        rows += 1;
        yield files.length === 1 && folder === '' ? row : { ...row, file: files[index]! };
      }
      before += sizes[index]!;
    }
  } catch (error) {
    throw explain(error, source, expected);
  }
  if (rows === 0) {
    throw new ApolabError(`${source} has no rows. Expected one row per pair or prompt: ${expected.example}`);
  }
}

/** The files of a source, relative to their folder; the folder of a single file is the empty string. */
async function filesOf(source: string, options: SourceOptions) {
  if (await isFolder(source)) return { folder: source, files: await filesOfFolder(source, options) };
  const reference = await hubReference(source);
  return reference === undefined ? { folder: '', files: [source] } : fetchDataset(reference, options);
}

interface FileOptions extends SourceOptions {
  readonly onBytes: (bytes: number) => void;
}

async function openFile(
  file: string,
  { textColumn }: ExpectedRows,
  options: FileOptions,
): Promise<AsyncIterable<FileRow>> {
  const format = await formatOfFile(file);
  if (format !== undefined && (textColumn === undefined || path.extname(file) !== '.txt')) {
    return formats[format].read(file, options);
  }
  return textColumn === undefined ? formats.jsonl.read(file, options) : readTextRows(file, textColumn, options);
}

/** Turns the errors of opening a file into an ApolabError; returns any other error as it is. */
function explain(error: unknown, source: string, { example }: ExpectedRows): unknown {
  const right = `Give a file in JSONL, CSV or Parquet, or a dataset folder, with rows like ${example}.`;
  const meanings: Readonly<Record<string, string>> = {
    ENOENT: `There is no file ${source}. ${right}`,
    ENOTDIR: `There is no file ${source}. ${right}`,
    EISDIR: `${source} is a folder. ${right}`,
    EACCES: `${source} may not be read. Give yourself read permission, or another file.`,
  };
  const meaning = meanings[error instanceof Error && 'code' in error ? String(error.code) : ''];
  return meaning === undefined ? error : new ApolabError(meaning, { cause: error });
}
