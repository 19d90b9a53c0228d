/**
 * Parquet, row group by row group, by hyparquet and hyparquet-writer. Conversations are list<struct<role, content>>, as in
 * Hugging Face's `datasets`. A column that only JSON can hold is written as text; the file's metadata lists those columns.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { ApolabError } from '../../core/errors.js';
import { columnTypes } from './columnTypes.js';
import { stringifyJson, tryParseJson } from './exactJson.js';
import { cellOf, type FileRow, type Row } from './fileRow.js';
import type { Format, ReadOptions, RowSink } from './format.js';
import { createColumnFinder, emptyColumns, type ParquetColumns } from './parquetColumns.js';
import { plainValue, textParser } from './parquetValues.js';
import { wideningSink, type GroupWriter } from './wideningSink.js';

/** Apache Parquet. */
export const parquet: Format = {
  extensions: ['.parquet'],
  description: 'Parquet; conversations are list<struct<role, content>>',
  unit: 'row',
  magic: 'PAR1',
  recognizes: () => false,
  read: readParquetRows,
  write: writeParquet,
};

/** A row group of more bytes than this is read in parts of so many rows, if the file has a page index. */
const largeGroup = { bytes: 32 * 2 ** 20, rowsAtATime: 2048 };
/** Key of the file's metadata that lists the columns of JSON text: `["provenance"]`. */
const jsonKey = 'apolab.json';

/** hyparquet-compressors 1.1.2 fails on LZ4 data of length 0: the dictionary of a column without values. */
const decompressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]): [string, typeof decompress] => [
    codec,
    (input, length) => (length === 0 ? new Uint8Array() : decompress(input, length)),
  ]),
);

async function* readParquetRows(file: string, { onBytes }: ReadOptions): AsyncGenerator<FileRow, void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = bufferOf(handle, size);
    const metadata = await readMetadata(buffer, file);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const json = jsonColumns(metadata);
    const total = Number(metadata.num_rows);
    let row = 0;
    for (const { start, end } of rangesOf(metadata)) {
      const rows = await readRange(buffer, metadata, start, end, file);
      for (const values of rows) yield toRow((row += 1), names, values, json);
      onBytes?.(Math.round((size * row) / Math.max(1, total)));
    }
  } finally {
    await handle.close();
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function readMetadata(buffer: AsyncBuffer, file: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(buffer);
  } catch (error) {
    throw damaged(file, error);
  }
}

async function readRange(file: AsyncBuffer, metadata: FileMetaData, rowStart: number, rowEnd: number, name: string) {
  let rows: readonly (readonly unknown[])[] = [];
  try {
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors: decompressors,
      parsers: textParser,
      useOffsetIndex: true,
      geoparquet: false,
      onComplete: (read) => {
        rows = read as unknown[][];
      },
    });
    return rows;
  } catch (error) {
    throw damaged(name, error);
  }
}

function damaged(file: string, error: unknown): ApolabError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ApolabError(
    `${file} is not a complete Parquet file (${reason}). Download or write it again; the usual cause is an incomplete download.`,
    { cause: error },
  );
}

/** The row ranges to read at once: row groups, or parts of large ones. */
function* rangesOf({ row_groups: groups }: FileMetaData) {
  let start = 0;
  for (const group of groups) {
    const end = start + Number(group.num_rows);
    const hasIndex = group.columns.every((column) => column.offset_index_offset !== undefined);
    const isLarge = Number(group.total_byte_size) > largeGroup.bytes;
    const step = hasIndex && isLarge ? largeGroup.rowsAtATime : Infinity;
    for (let from = start; from < end; from += step) yield { start: from, end: Math.min(from + step, end) };
    start = end;
  }
}

function jsonColumns({ key_value_metadata: entries = [] }: FileMetaData): readonly string[] {
  const names = entries.find(({ key }) => key === jsonKey)?.value;
  const parsed = names === undefined ? [] : tryParseJson(names);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

function toRow(row: number, names: readonly string[], cells: readonly unknown[], json: readonly string[]): FileRow {
  const values: Record<string, unknown> = {};
  let unreadable: string | undefined;
  for (const [index, name] of names.entries()) {
    const value = plainValue(cells[index], () => (unreadable = name));
    if (value === undefined || value === null) continue;
    // Another program may have replaced the column and kept the file's metadata: what is not JSON stays a text.
    const inside = typeof value === 'string' && json.includes(name) ? tryParseJson(value) : undefined;
    define(values, name, inside ?? value);
  }
  const text = () => stringifyJson(values);
  if (unreadable === undefined) return { row, kind: 'values', values, text };
  const reason = `"${unreadable}" has bytes that are not UTF-8; write the column as UTF-8 text`;
  return { row, kind: 'unreadable', reason, text };
}

/** A plain assignment to a column named `__proto__` would call a setter. */
function define(values: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(values, name, { value, enumerable: true, configurable: true });
  else values[name] = value;
}

async function writeParquet(file: string): Promise<RowSink> {
  return wideningSink(file, {
    empty: emptyColumns,
    widen: createColumnFinder(),
    open: openParquet,
    async *read(part) {
      for await (const row of readParquetRows(part, {})) {
        if (row.kind === 'unreadable') throw new ApolabError(`${part}: ${row.reason}`);
        yield row.values;
      }
    },
  });
}

async function openParquet(file: string, columns: ParquetColumns): Promise<GroupWriter> {
  const handle = await open(file, 'w');
  const bytes = new ByteWriter(2 ** 20);
  const flush = async () => {
    await handle.writeFile(bytes.getBytes());
    bytes.index = 0;
  };
  const json = columns.flatMap(({ name, type }) => (type === 'json' ? [name] : []));
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'schema', num_children: columns.length, repetition_type: 'REQUIRED' },
      ...columns.flatMap(({ name, type }) => columnTypes[type].schema(name)),
    ],
    statistics: false,
    createdBy: 'apolab',
    ...(json.length === 0 ? {} : { kvMetadata: [{ key: jsonKey, value: JSON.stringify(json) }] }),
  });
  return {
    async write(rows: readonly Row[]) {
      const columnData = columns.map(({ name, type }) => ({
        name,
        data: rows.map((row) => {
          const value = cellOf(row, name);
          return value === undefined || value === null ? undefined : columnTypes[type].encode(value);
        }),
      }));
      await writer.write({ columnData, rowGroupSize: rows.length });
      await flush();
    },
    async finish() {
      await writer.finish();
      await flush();
      await handle.sync();
      await handle.close();
    },
    discard: () => handle.close(),
  };
}
