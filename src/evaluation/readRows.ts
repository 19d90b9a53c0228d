/** Rows of the benchmarks' files, as they lie. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { unitOf } from '../pairs/formats/formats.js';
import { readSource } from '../pairs/sources/readSource.js';

/** A row of a file: an object of JSON. */
export type FileRow = Readonly<Record<string, unknown>>;

/**
 * All rows of a file, most often JSONL. A benchmark with some of its examples left out has another score, so no row is skipped.
 *
 * @throws ApolabError if the file does not exist, can't be read, has no rows, or has a row that cannot be read
 */
export async function readRows(file: string): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const row of readSource(file, { example: '{"key": 1, "prompt": "..."}' })) {
    if (row.kind === 'unreadable') throw new ApolabError(`${file}, ${unitOf(file)} ${row.row}: ${row.reason}.`);
    rows.push(row.values);
  }
  return rows;
}

/**
 * The objects of a JSON file that is an object from id to object.
 *
 * @throws ApolabError if the file cannot be read or is anything else
 */
export async function readRowsById(file: string): Promise<(readonly [id: string, row: FileRow])[]> {
  const content = await readJson(file);
  const entries = isRow(content) ? Object.entries(content) : [];
  if (entries.length > 0 && entries.every((entry): entry is [string, FileRow] => isRow(entry[1]))) return entries;
  throw new ApolabError(`${file} must be a JSON object from id to question.`);
}

/**
 * The first of the files that exists, in the folder `data`, or `data` itself if it is a file.
 *
 * @throws ApolabError if there is none; the message names what was looked for
 */
export function dataFile(data: string, ...names: readonly string[]): string {
  const files = /\.jsonl?$/.test(data) ? [data] : names.map((name) => path.join(data, name));
  const found = files.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new ApolabError(`${files.join(' and ')} do not exist: give the folder of the benchmark's files as data.`);
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApolabError(`${file} is no JSON: ${String(error)}.`, { cause: error });
  }
}

function isRow(value: unknown): value is FileRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
