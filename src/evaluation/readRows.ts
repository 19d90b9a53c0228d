/** Rows of the benchmarks' files, as they lie. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';

/** A row of a file: an object of JSON. */
export type FileRow = Readonly<Record<string, unknown>>;

/**
 * The rows of a JSONL file, or of a JSON file that is a list of objects.
 *
 * @throws ApolabError if the file cannot be read, is no JSON, or has a row that is no object
 */
export async function readRows(file: string): Promise<FileRow[]> {
  const text = await readText(file);
  const rows = file.endsWith('.json')
    ? parsed(text, file)
    : text
        .split('\n')
        .map((line, index) => (line.trim() === '' ? undefined : parsed(line, `line ${index + 1} of ${file}`)))
        .filter((row) => row !== undefined);
  if (Array.isArray(rows) && rows.every(isRow)) return rows;
  throw new ApolabError(`${file} must have one JSON object per line.`);
}

/**
 * The objects of a JSON file that is an object from id to object.
 *
 * @throws ApolabError if the file cannot be read or is anything else
 */
export async function readRowsById(file: string): Promise<(readonly [id: string, row: FileRow])[]> {
  const content = parsed(await readText(file), file);
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

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'it does not exist' : String(error);
    throw new ApolabError(`${file} cannot be read: ${why}.`, { cause: error });
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApolabError(`${where} is no JSON: ${String(error)}.`, { cause: error });
  }
}

function isRow(value: unknown): value is FileRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
