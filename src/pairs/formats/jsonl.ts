/** JSONL and plain text, line by line. */
import { openAtomic } from '../../core/atomicFile.js';
import { readHead } from '../../core/readBytes.js';
import { stringifyJson } from './exactJson.js';
import type { FileRow } from './fileRow.js';
import { longestLine, type Format, type ReadOptions, type RowSink } from './format.js';
import { isArray, readArrayRows } from './jsonArray.js';
import { parseObject, type Parsed } from './parseObject.js';
import { readLines, type Line } from '../../core/readLines.js';
import { beginningOf, decodeLeniently, decodeUtf8, notUtf8, tooLong } from './utf8.js';

/** JSONL, also called NDJSON; a file that holds one list of objects is read too. */
export const jsonl: Format = {
  extensions: ['.jsonl', '.ndjson', '.json'],
  description: 'JSONL: one JSON object per line, or one JSON list of objects',
  unit: 'line',
  recognizes: (head) => /^\s*\{/.test(head) || isArray(head),
  read: readJsonlRows,
  write: writeJsonl,
};

/** The lines of a text file, each as a row with the single column `name`; a byte order mark, CRLF and blank lines are allowed. */
export async function* readTextRows(file: string, name: string, options: ReadOptions): AsyncGenerator<FileRow, void> {
  yield* readRows(file, options, (text) => ({ kind: 'values', values: { [name]: text } }));
}

/** The objects of a JSONL file; a byte order mark, CRLF and blank lines are allowed. */
async function* readJsonlRows(file: string, options: ReadOptions): AsyncGenerator<FileRow, void> {
  const head = await readHead(file, headBytes);
  if (isArray(head.toString().replace(/^\uFEFF/, ''))) yield* readArrayRows(file, options);
  else yield* readRows(file, options, parseObject);
}

/** How much of a file is read to find out whether it is a list. */
const headBytes = 2 ** 16;

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
