/** The table of file formats. A new format is an id in format.ts, a row here, and a file that reads and writes it. */
import path from 'node:path';
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { isGzip, readHead } from '../../core/readBytes.js';
import { csv } from './csv.js';
import type { Format, FormatId } from './format.js';
import { jsonl } from './jsonl.js';
import { parquet } from './parquet.js';

export type { FormatId } from './format.js';

/** The formats by id. */
export const formats: Readonly<Record<FormatId, Format>> = { jsonl, csv, parquet };

/** The ids of the table, in its order. */
export const formatIds = Object.keys(formats) as FormatId[];

/** Whether a name ends in `.gz`. */
export const isGzipName = (file: string): boolean => /\.gz$/i.test(file);

/**
 * The format that the ending of a file's name stands for; undefined for any other ending. `.gz` may follow the ending of a text
 * format; Parquet has a compression of its own.
 */
export function formatOfName(file: string): FormatId | undefined {
  const extension = path.extname(isGzipName(file) ? file.slice(0, -3) : file).toLowerCase();
  const found = formatIds.find((id) => formats[id].extensions.includes(extension));
  return found !== undefined && isGzipName(file) && formats[found].magic !== undefined ? undefined : found;
}

/** What messages call the unit that is numbered: a line, or a row; the elements of a list in a `.json` file are rows. */
export function unitOf(file: string): 'line' | 'row' {
  return /\.json(\.gz)?$/i.test(file) ? 'row' : formats[formatOfName(file) ?? 'jsonl'].unit;
}

/** The format of a file by its magic number, else by its name, else by its beginning; undefined if none fits. */
export async function formatOfFile(file: string): Promise<FormatId | undefined> {
  const head = await beginningOf(file);
  const starts = (magic: string | undefined) => magic !== undefined && head.startsWith(magic);
  const marked = formatIds.find((id) => starts(formats[id].magic));
  if (marked !== undefined && (await isGzip(file))) {
    throw new ApolabError(`${file} is a Parquet file inside gzip. Unpack it first: gunzip --keep ${file}`);
  }
  return marked ?? formatOfName(file) ?? formatIds.find((id) => formats[id].recognizes(head));
}

/** The first 4096 bytes as text, unpacked and without a byte order mark. */
async function beginningOf(file: string): Promise<string> {
  return (await readHead(file, 4096)).toString('utf8').replace(/^\uFEFF/, '');
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
  if (isGzipName(file) && formatOfName(file.slice(0, -3)) !== undefined) {
    throw new ApolabError(`${file}: Parquet files are compressed already. Write ${file.slice(0, -3)}.`);
  }
  const endings = formatIds.flatMap((id) => formats[id].extensions).join(', ');
  throw new ApolabError(`${file} has no ending of a known format. Use one of ${endings}, or name the format.`);
}
