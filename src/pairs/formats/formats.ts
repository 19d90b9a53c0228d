/** The table of file formats. A new format is an id in format.ts, a row here, and a file that reads and writes it. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { csv } from './csv.js';
import type { Format, FormatId } from './format.js';
import { jsonl } from './jsonl.js';
import { parquet } from './parquet.js';

export type { FormatId } from './format.js';

/** The formats by id. */
export const formats: Readonly<Record<FormatId, Format>> = { jsonl, csv, parquet };

/** The ids of the table, in its order. */
export const formatIds = Object.keys(formats) as FormatId[];

/** The format that the ending of a file's name stands for; undefined for any other ending. */
export function formatOfName(file: string): FormatId | undefined {
  const extension = path.extname(file).toLowerCase();
  return formatIds.find((id) => formats[id].extensions.includes(extension));
}

/** The format of a file by its magic number, else by its name, else by its beginning; undefined if none fits. */
export async function formatOfFile(file: string): Promise<FormatId | undefined> {
  const head = await beginningOf(file);
  const starts = (magic: string | undefined) => magic !== undefined && head.startsWith(magic);
  return (
    formatIds.find((id) => starts(formats[id].magic)) ??
    formatOfName(file) ??
    formatIds.find((id) => formats[id].recognizes(head))
  );
}

/** The first 4096 bytes as text, without a byte order mark. */
async function beginningOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}

/**
 * The format in which to write a file: the one that was asked for, else the one of its name.
 *
 * @throws UnknownNameError if `asked` is not a format; ApolabError if the name has no known ending
 */
export function formatToWrite(file: string, asked: string | undefined): FormatId {
  if (asked !== undefined) {
    if (Object.hasOwn(formats, asked)) return asked as FormatId;
    throw new UnknownNameError('format', asked, formatIds);
  }
  const named = formatOfName(file);
  if (named !== undefined) return named;
  const endings = formatIds.flatMap((id) => formats[id].extensions).join(', ');
  throw new ApolabError(`${file} has no ending of a known format. Use one of ${endings}, or name the format.`);
}
