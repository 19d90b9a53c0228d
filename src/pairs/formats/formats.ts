/** The formats of a file, in one table: a new one is a row here and a file that says how it is read and written. */
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { csv } from './csv.js';
import type { Format } from './format.js';
import { jsonl } from './jsonl.js';
import { parquet } from './parquet.js';

export const formats = { jsonl, csv, parquet } as const satisfies Record<string, Format>;
export type FormatId = keyof typeof formats;
export const formatIds = Object.keys(formats) as FormatId[];

/** The format that a file's name tells; undefined where it tells none. */
export function formatOfName(file: string): FormatId | undefined {
  const extension = path.extname(file).toLowerCase();
  return formatIds.find((id) => formats[id].extensions.includes(extension));
}

/** The format that a file's name or else its beginning tells: Parquet says what it is, and an object starts with a brace. */
export async function formatOfFile(file: string): Promise<FormatId | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    const head = buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
    if (head.startsWith('PAR1')) return 'parquet';
    const named = formatOfName(file);
    if (named !== undefined) return named;
    if (/^\s*\{/.test(head)) return 'jsonl';
    const names = (/^[^\r\n]*/.exec(head)?.[0] ?? '').split(/[,;\t|]/).map((name) => name.replace(/^\s*"|"\s*$/g, ''));
    return names.includes('chosen') && names.includes('rejected') ? 'csv' : undefined;
  } finally {
    await handle.close();
  }
}

/** The format in which a file is to be written. */
export function formatToWrite(file: string, told: string | undefined): FormatId {
  if (told !== undefined) {
    if (Object.hasOwn(formats, told)) return told as FormatId;
    throw new UnknownNameError('format', told, formatIds);
  }
  const named = formatOfName(file);
  if (named !== undefined) return named;
  const endings = formatIds.flatMap((id) => formats[id].extensions).join(', ');
  throw new ApolabError(`${file} doesn't say its format. Give it an ending (${endings}), or say the format.`);
}

/** Whether there is a folder. */
export async function isFolder(place: string): Promise<boolean> {
  try {
    return (await stat(place)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) return false;
    throw error;
  }
}
