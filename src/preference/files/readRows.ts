/**
 * Rows of a JSONL file, one at a time. A row that cannot be used is never lost: it comes back with its line number, its
 * reason and its text, beside those that are good.
 */
import { ApolabError } from '../../errors.js';
import { readLines, type Line } from './lines.js';

/** A row that gave nothing. */
export interface RejectedRow {
  /** 1 for the first line of the file. */
  readonly line: number;
  /** What is wrong with it and what would be right. */
  readonly reason: string;
  /** The line as it is; of an overlong one its first characters. */
  readonly text: string;
}

/** What a row's text is, or why it is nothing. */
export type ParsedText<T> =
  { readonly kind: 'good'; readonly value: T } | { readonly kind: 'rejected'; readonly reason: string };

/** Longest line that is read unless told otherwise, in bytes. */
export const longestLine = 2 ** 20;

/** How much of an overlong line is kept, in bytes. */
const keptBytes = 1000;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder();

/**
 * Reads a JSONL file. A byte order mark, CRLF and blank lines are tolerated.
 *
 * @param expected what a row looks like, for the message about a file without any
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
 */
export async function readRows<T>(
  file: string,
  maxLineBytes: number,
  expected: string,
  parse: (text: string) => ParsedText<T>,
): Promise<{ readonly good: T[]; readonly rejected: RejectedRow[] }> {
  const good: T[] = [];
  const rejected: RejectedRow[] = [];
  try {
    for await (const line of readLines(file, maxLineBytes)) {
      const { text, ...row } = readRow(line, maxLineBytes, parse);
      if (row.kind === 'good') good.push(row.value);
      else if (row.kind === 'rejected') rejected.push({ line: line.number, reason: row.reason, text });
    }
  } catch (error) {
    throw explain(error, file, expected);
  }
  if (good.length + rejected.length > 0) return { good, rejected };
  throw new ApolabError(`${file} has no rows. Expected one JSON object a line: ${expected}`);
}

type Row<T> = (ParsedText<T> | { readonly kind: 'blank' }) & { readonly text: string };

function readRow<T>({ bytes, overlong }: Line, maxLineBytes: number, parse: (text: string) => ParsedText<T>): Row<T> {
  if (overlong) {
    const text = lenient.decode(bytes.subarray(0, keptBytes));
    const reason = `longer than ${maxLineBytes.toLocaleString('en')} bytes; shorten it, or read with a larger maxLineBytes`;
    return { kind: 'rejected', reason, text };
  }
  let text: string;
  try {
    text = strict.decode(bytes).replace(/\r$/, '');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return {
      kind: 'rejected',
      reason: 'has bytes that are not UTF-8; save the file as UTF-8',
      text: lenient.decode(bytes),
    };
  }
  return text.trim() === '' ? { kind: 'blank', text } : { ...parse(text), text };
}

/** The errors of opening a file, in words; any other error as it is. */
function explain(error: unknown, file: string, expected: string): unknown {
  const right = `Give the path of a JSONL file with rows like ${expected}.`;
  const meanings: Readonly<Record<string, string>> = {
    ENOENT: `There is no file ${file}. ${right}`,
    EISDIR: `${file} is a folder. ${right}`,
    EACCES: `${file} may not be read. Give yourself read permission, or another file.`,
  };
  const meaning = meanings[error instanceof Error && 'code' in error ? String(error.code) : ''];
  return meaning === undefined ? error : new ApolabError(meaning, { cause: error });
}
