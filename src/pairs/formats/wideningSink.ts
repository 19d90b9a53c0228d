/**
 * Rows into a format that has to know its columns before its first row, from rows that tell them one by one.
 *
 * The columns are those of the first rows, which are held back until there are enough to fill a group. Where a later row
 * needs another column or a wider one, what was written is copied once under the wider columns, group by group, so that
 * memory stays flat and no row is refused for coming late.
 */
import { rename, rm } from 'node:fs/promises';
import { newPartFile } from '../../core/atomicFile.js';
import type { Row } from './fileRow.js';
import type { RowSink } from './format.js';

/** Writes groups of rows whose columns are known. */
export interface GroupWriter {
  write(rows: readonly Row[]): Promise<void>;
  /** Ends the file and closes it. */
  finish(): Promise<void>;
  /** Closes the file, however far it is. */
  discard(): Promise<void>;
}

export interface Widening<Columns> {
  /** The columns of a file without rows. */
  readonly empty: Columns;
  /** The columns that hold what `columns` hold, and this row: `columns` itself where that is enough. */
  widen(columns: Columns, row: Row): Columns;
  open(file: string, columns: Columns): Promise<GroupWriter>;
  read(file: string): AsyncIterable<Row>;
}

/** When a group is full: enough for a format to compress well, and little enough to be held in memory. */
const group = { rows: 4096, characters: 4 * 2 ** 20 };

interface Opened<Columns> {
  readonly file: string;
  readonly columns: Columns;
  readonly writer: GroupWriter;
}

/** Writes beside `file` and renames into place when it is closed; missing folders are made. */
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

/** Hands rows on by groups. */
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

/** About how much text a value holds. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 0;
  for (const part of Object.values(value)) sum += charactersOf(part);
  return sum;
}
