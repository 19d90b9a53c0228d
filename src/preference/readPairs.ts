/**
 * Preference pairs from a JSONL file, row by row. A row that is no pair is never lost: it comes back with its line
 * number, its reason and its text, beside the pairs that are good.
 */
import { ApolabError } from '../errors.js';
import { readLines, type Line } from './lines.js';
import type { PreferencePair } from './pair.js';
import { parsePair, type ParsedRow } from './parsePair.js';

/** A row that gave no pair. */
export interface RejectedRow {
  /** 1 for the first line of the file. */
  readonly line: number;
  /** What is wrong with it and what would be right. */
  readonly reason: string;
  /** The line as it is; of an overlong one its first characters. */
  readonly text: string;
}

export interface ReadPairsOptions {
  /** The caller's own test of a pair: the reason why it can't be used, or undefined where it can. */
  readonly check?: (pair: PreferencePair) => string | undefined;
  /** Longest line that is read, in bytes; 1 MiB by default. */
  readonly maxLineBytes?: number;
}

export interface PairsRead {
  readonly pairs: PreferencePair[];
  readonly rejected: RejectedRow[];
}

/** How much of an overlong line is kept, in bytes. */
const keptBytes = 1000;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder();

/**
 * Reads a JSONL file of pairs: `prompt`, `chosen`, `rejected` and optionally `rationale` a line, as strings or in TRL's
 * conversational form. A byte order mark, CRLF and blank lines are tolerated; other fields are ignored.
 *
 * @returns the pairs in the file's order, and every other row with its line number and reason
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
 * @example
 * const { pairs, rejected } = await readPairs('pairs.jsonl');
 * console.log(`${pairs.length} pairs`, formatRejections(rejected, 'pairs.jsonl'));
 */
export async function readPairs(file: string, options: ReadPairsOptions = {}): Promise<PairsRead> {
  const { check, maxLineBytes = 2 ** 20 } = options;
  const pairs: PreferencePair[] = [];
  const rejected: RejectedRow[] = [];
  try {
    for await (const line of readLines(file, maxLineBytes)) {
      const { text, ...row } = readRow(line, maxLineBytes);
      if (row.kind === 'blank') continue;
      const reason = row.kind === 'pair' ? check?.(row.pair) : row.reason;
      if (reason !== undefined) rejected.push({ line: line.number, reason, text });
      else if (row.kind === 'pair') pairs.push(row.pair);
    }
  } catch (error) {
    throw explain(error, file);
  }
  if (pairs.length + rejected.length > 0) return { pairs, rejected };
  throw new ApolabError(
    `${file} has no rows. Expected one JSON object a line: {"prompt": "...", "chosen": "...", "rejected": "..."}`,
  );
}

type Row = (ParsedRow | { readonly kind: 'blank' }) & { readonly text: string };

function readRow({ bytes, overlong }: Line, maxLineBytes: number): Row {
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
  return text.trim() === '' ? { kind: 'blank', text } : { ...parsePair(text), text };
}

/** The errors of opening a file, in words; any other error as it is. */
function explain(error: unknown, file: string): unknown {
  const meanings: Readonly<Record<string, string>> = {
    ENOENT: `There is no file ${file}. Give the path of a JSONL file of pairs.`,
    EISDIR: `${file} is a folder. Give the path of a JSONL file of pairs.`,
    EACCES: `${file} may not be read. Give yourself read permission, or another file.`,
  };
  const meaning = meanings[error instanceof Error && 'code' in error ? String(error.code) : ''];
  return meaning === undefined ? error : new ApolabError(meaning, { cause: error });
}
