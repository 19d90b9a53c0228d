/** From the name of a file, a dataset folder or a dataset of the Hub to its rows. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { filesOfFolder, type DatasetOptions } from './datasetFolder.js';
import type { FileRow } from '../formats/fileRow.js';
import { formatOfFile, formats, isFolder } from '../formats/formats.js';
import { fetchDataset, hubReference, type HubOptions } from './hub.js';
import { readTextRows } from '../formats/jsonl.js';

export interface SourceOptions extends DatasetOptions, HubOptions {
  /** Longest line of JSONL and longest row of CSV that is read, in bytes; 1 MiB by default. */
  readonly maxLineBytes?: number;
  /** What stands between the cells of a CSV file; found out from its first row where it isn't told. */
  readonly delimiter?: string;
  /** Told now and then how many bytes of how many were read. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

/** What the rows of a source are meant to be, for the messages about a source that has none. */
export interface Wanted {
  /** `{"prompt": "..."}` */
  readonly example: string;
  /** The column that a line of a text file is, where text is taken at all. */
  readonly textColumn?: string;
}

/**
 * The rows of a source, one at a time: of a file in JSONL, CSV or Parquet (its name says which, or its beginning), of a
 * folder's files, or of a dataset of the Hub by its id (`owner/name`), which is fetched once and then kept.
 *
 * @throws ApolabError where it isn't there, can't be read or has no rows at all
 */
export async function* readSource(
  source: string,
  wanted: Wanted,
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
      for await (const row of await openFile(place, wanted, { ...options, onBytes })) {
        rows += 1;
        yield files.length === 1 && folder === '' ? row : { ...row, file: files[index]! };
      }
      before += sizes[index]!;
    }
  } catch (error) {
    throw explain(error, source, wanted);
  }
  if (rows === 0) {
    throw new ApolabError(`${source} has no rows. Expected one row a pair or prompt: ${wanted.example}`);
  }
}

/** The files of a source, relative to a folder; a file by itself has none. */
async function filesOf(source: string, options: SourceOptions) {
  if (await isFolder(source)) return { folder: source, files: await filesOfFolder(source, options) };
  const reference = await hubReference(source);
  return reference === undefined ? { folder: '', files: [source] } : fetchDataset(reference, options);
}

interface FileOptions extends SourceOptions {
  readonly onBytes: (bytes: number) => void;
}

async function openFile(file: string, { textColumn }: Wanted, options: FileOptions): Promise<AsyncIterable<FileRow>> {
  const format = await formatOfFile(file);
  if (format !== undefined && (textColumn === undefined || path.extname(file) !== '.txt')) {
    return formats[format].read(file, options);
  }
  return textColumn === undefined ? formats.jsonl.read(file, options) : readTextRows(file, textColumn, options);
}

/** The errors of opening a file, in words; any other error as it is. */
function explain(error: unknown, source: string, { example }: Wanted): unknown {
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
