/**
 * Writes rows to a format that needs its columns before the first row, although later rows may add columns.
 *
 * The columns come from the first group of rows, which is buffered. If a later row needs a new or wider column, the file is
 * copied once with the wider columns, group by group, so that memory stays flat.
 */
import { rename, rm } from 'node:fs/promises';
import { newPartFile } from '../../core/atomicFile.js';
import type { Row } from './fileRow.js';
import type { RowSink } from './format.js';

/** Writes groups of rows with fixed columns. */
export interface GroupWriter {
  write(rows: readonly Row[]): Promise<void>;
  /** Completes the file and closes it. */
  finish(): Promise<void>;
  /** Closes the file without completing it. */
  discard(): Promise<void>;
}

/** How a format handles its columns. */
export interface Widening<Columns> {
  /** The columns of a file without rows. */
  readonly empty: Columns;
  /** The columns that hold this row as well; `columns` itself if they already do. */
  widen(columns: Columns, row: Row): Columns;
  open(file: string, columns: Columns): Promise<GroupWriter>;
  read(file: string): AsyncIterable<Row>;
}

/** A group is full at either limit: large enough to compress well, small enough for memory. */
const group = { rows: 4096, characters: 4 * 2 ** 20 };

interface Opened<Columns> {
  readonly file: string;
  readonly columns: Columns;
  readonly writer: GroupWriter;
}

/** Writes to a temporary file beside `file`, which is renamed on close; missing folders are created. */
export async function wideningSink<Columns>(file: string, format: Widening<Columns>): Promise<RowSink> {
  let columns = format.empty;
  let current: Opened<Columns> | undefined;
  const first = await newPartFile(file);
  const parts = new Set<string>();

  const openNext = async (): Promise<Opened<Columns>> => {
    const next = parts.size === 0 ? first : await newPartFile(file);
    parts.add(next);
    return { file: next, columns, writer: await format.open(next, columns) };
  };
  const write = async (rows: readonly Row[]) => {
    if (current !== undefined && current.columns !== columns) {
      const narrow = current;
      await narrow.writer.finish();
      current = await openNext();
      const copying = grouped((copied) => current!.writer.write(copied));
      for await (const row of format.read(narrow.file)) await copying.add(row);
      await copying.flush();
      await rm(narrow.file);
      parts.delete(narrow.file);
    }
    current ??= await openNext();
    if (rows.length > 0) await current.writer.write(rows);
  };
  const writing = grouped(write);
  return {
    async write(row) {
      columns = format.widen(columns, row);
      await writing.add(row);
    },
    async close() {
      await writing.flush();
      await write([]);
      await current!.writer.finish();
      await rename(current!.file, file);
    },
    async abort() {
      await current?.writer.discard();
      for (const part of parts) await rm(part, { force: true });
    },
  };
}

/** Buffers rows and passes them on in groups. */
function grouped(write: (rows: readonly Row[]) => Promise<void>) {
  let rows: Row[] = [];
  let characters = 0;
  const flush = async () => {
    const full = rows;
    rows = [];
    characters = 0;
    if (full.length > 0) await write(full);
  };
  return {
    async add(row: Row): Promise<void> {
      rows.push(row);
      characters += charactersOf(row);
      if (rows.length >= group.rows || characters >= group.characters) await flush();
    },
    flush,
  };
}

/** Approximate length of a value's text, in characters. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 0;
  for (const part of Object.values(value)) sum += charactersOf(part);
  return sum;
}
