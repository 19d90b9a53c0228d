/** JSONL and plain text, line by line. */
import { openAtomic } from '../../core/atomicFile.js';
import { parseJson, stringifyJson } from './exactJson.js';
import type { FileRow, Row } from './fileRow.js';
import { longestLine, type Format, type ReadOptions, type RowSink } from './format.js';
import { readLines, type Line } from '../../core/readLines.js';
import { beginningOf, decodeLeniently, decodeUtf8, notUtf8, tooLong } from './utf8.js';

/** JSONL, also called NDJSON. */
export const jsonl: Format = {
  extensions: ['.jsonl', '.ndjson', '.json'],
  description: 'JSONL: one JSON object per line',
  unit: 'line',
  recognizes: (head) => /^\s*\{/.test(head),
  read: readJsonlRows,
  write: writeJsonl,
};

/** The lines of a text file, each as a row with the single column `name`; a byte order mark, CRLF and blank lines are allowed. */
export async function* readTextRows(file: string, name: string, options: ReadOptions): AsyncGenerator<FileRow, void> {
  yield* readRows(file, options, (text) => ({ kind: 'values', values: { [name]: text } }));
}

/** The objects of a JSONL file; a byte order mark, CRLF and blank lines are allowed. */
async function* readJsonlRows(file: string, options: ReadOptions): AsyncGenerator<FileRow, void> {
  yield* readRows(file, options, parseObject);
}

type Parsed =
  { readonly kind: 'values'; readonly values: Row } | { readonly kind: 'unreadable'; readonly reason: string };

/** One line of JSONL as an object, or the reason why it is not one. */
export function parseObject(text: string): Parsed {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const spread = /^\s*[[{]\s*$/.test(text);
    const reason = spread
      ? 'the JSON is spread over several lines; write one object per line (JSONL)'
      : `broken JSON (${(error as SyntaxError).message}); write one whole JSON object per line`;
    return { kind: 'unreadable', reason };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { kind: 'values', values: value as Row };
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  const reason = `${kind}, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}`;
  return { kind: 'unreadable', reason };
}

async function* readRows(
  file: string,
  { maxLineBytes = longestLine, onBytes }: ReadOptions,
  parse: (text: string) => Parsed,
): AsyncGenerator<FileRow, void> {
  for await (const line of readLines(file, maxLineBytes, onBytes)) {
    const row = readRow(line, maxLineBytes, parse);
    if (row !== undefined) yield row;
  }
}

function readRow({ number, bytes, overlong }: Line, maxLineBytes: number, parse: (text: string) => Parsed) {
  const unreadable = (reason: string, kept: () => string): FileRow => ({
    row: number,
    kind: 'unreadable',
    reason,
    text: kept,
  });
  if (overlong) return unreadable(tooLong(maxLineBytes), () => beginningOf(bytes));
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) return unreadable(notUtf8, () => decodeLeniently(bytes));
  const text = decoded.replace(/^\uFEFF/, '').replace(/\r$/, '');
  // A blank line is not a row.
  return text.trim() === '' ? undefined : { row: number, ...parse(text), text: () => text };
}

/** How much is written at a time, in characters. */
const portion = 2 ** 20;

async function writeJsonl(file: string): Promise<RowSink> {
  const target = await openAtomic(file);
  let text = '';
  const flush = async () => {
    const portion = text;
    text = '';
    await target.write(portion);
  };
  return {
    async write(row) {
      text += `${stringifyJson(row)}\n`;
      if (text.length >= portion) await flush();
    },
    async close() {
      await flush();
      await target.close();
    },
    abort: () => target.abort(),
  };
}
