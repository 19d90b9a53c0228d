/** From the name of a file to its rows: which format it is in, and what is said where it is none. */
import path from 'node:path';
import { ApolabError } from '../../errors.js';
import type { FileRow } from './fileRow.js';
import { longestLine, readJsonlRows, readTextRows } from './jsonl.js';

export interface SourceOptions {
  /** Longest line of JSONL that is read, in bytes; 1 MiB by default. */
  readonly maxLineBytes?: number;
}

/** What the rows of a source are meant to be, for the messages about a source that has none. */
export interface Wanted {
  /** `{"prompt": "..."}` */
  readonly example: string;
  /** The column that a line of a text file is, where text is taken at all. */
  readonly textColumn?: string;
}

/**
 * The rows of a file, one at a time.
 *
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
 */
export async function* readSource(
  source: string,
  wanted: Wanted,
  { maxLineBytes = longestLine }: SourceOptions = {},
): AsyncGenerator<FileRow, void> {
  let rows = 0;
  try {
    for await (const row of open(source, wanted, maxLineBytes)) {
      rows += 1;
      yield row;
    }
  } catch (error) {
    throw explain(error, source, wanted);
  }
  if (rows === 0) {
    throw new ApolabError(`${source} has no rows. Expected one JSON object a line: ${wanted.example}`);
  }
}

function open(source: string, { textColumn }: Wanted, maxLineBytes: number): AsyncGenerator<FileRow, void> {
  const isText =
    textColumn !== undefined && !['.jsonl', '.ndjson', '.json'].includes(path.extname(source).toLowerCase());
  return isText ? readTextRows(source, textColumn, maxLineBytes) : readJsonlRows(source, maxLineBytes);
}

/** The errors of opening a file, in words; any other error as it is. */
function explain(error: unknown, file: string, { example }: Wanted): unknown {
  const right = `Give the path of a JSONL file with rows like ${example}.`;
  const meanings: Readonly<Record<string, string>> = {
    ENOENT: `There is no file ${file}. ${right}`,
    EISDIR: `${file} is a folder. ${right}`,
    EACCES: `${file} may not be read. Give yourself read permission, or another file.`,
  };
  const meaning = meanings[error instanceof Error && 'code' in error ? String(error.code) : ''];
  return meaning === undefined ? error : new ApolabError(meaning, { cause: error });
}
