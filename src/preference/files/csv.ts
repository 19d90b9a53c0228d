/** CSV with a header row, through csv-parse and csv-stringify; cells are what csvCells.ts says they are. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { parse, type CsvError } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { ApolabError } from '../../errors.js';
import { decodeCell, encodeCell, isPythonList } from './csvCells.js';
import type { FileRow, Row } from './fileRow.js';
import type { Format, ReadOptions, RowSink, WriteOptions } from './format.js';
import { longestLine } from './jsonl.js';
import { columnNames, mergeNames } from './columnNames.js';
import { wideningSink, type GroupWriter } from './wideningSink.js';

export const csv: Format = {
  extensions: ['.csv', '.tsv'],
  description: 'CSV with a header row; conversations are JSON in their cells',
  read: readCsvRows,
  write: (file, options) => writeCsv(file, options),
};

/** What may stand between cells where nobody says what does. */
const delimiters = [',', ';', '\t', '|'] as const;
/** How much of a file is looked at to find its header. */
const headBytes = 2 ** 16;
const keptCharacters = 1000;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Parsed {
  readonly info: { readonly records: number };
  readonly record: readonly Buffer[];
}

/** A row that csv-parse could not make out, and after how many good ones it stood. */
interface Skipped {
  readonly after: number;
  readonly error: CsvError;
  readonly raw: string;
}

async function* readCsvRows(file: string, options: ReadOptions): AsyncGenerator<FileRow, void> {
  const { maxLineBytes = longestLine, onBytes } = options;
  const delimiter = options.delimiter ?? (await findDelimiter(file));
  const skipped: Skipped[] = [];
  const parser = parse({
    bom: true,
    delimiter,
    encoding: null,
    info: true,
    max_record_size: maxLineBytes,
    on_skip: (error, raw) => void skipped.push({ after: parser.info.records, error: error!, raw: raw ?? '' }),
    // The row's text, to be kept where it cannot be made out.
    raw: false,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    // As Python's csv and pandas do: a quote inside an unquoted cell is a quote.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  const stream = createReadStream(file);
  if (onBytes !== undefined) stream.on('data', () => onBytes(stream.bytesRead));
  stream.on('error', (error) => parser.destroy(error));
  stream.pipe(parser);
  let header: readonly string[] | undefined;
  let row = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      while (skipped[0] !== undefined && skipped[0].after < info.records)
        yield unreadable((row += 1), skipped.shift()!);
      row += 1;
      if (header === undefined) header = readHeader(record, file);
      else yield readRecord(record, header, row);
    }
  } finally {
    stream.destroy();
  }
  for (const left of skipped) yield unreadable((row += 1), left);
}

function readHeader(record: readonly Buffer[], file: string): string[] {
  const names = record.map((name) => name.toString().trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new ApolabError(
    twice === ''
      ? `${file} has columns without a name in its first row; name every column there.`
      : `${file} has two columns "${twice}"; name every column of its first row once.`,
  );
}

function readRecord(record: readonly Buffer[], header: readonly string[], row: number): FileRow {
  let cells: string[];
  const text = () => stringify([[...record.map(String)]]).trimEnd();
  try {
    cells = record.map((cell) => strict.decode(cell));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { row, kind: 'unreadable', reason: 'has bytes that are not UTF-8; save the file as UTF-8', text };
  }
  if (cells.length !== header.length) {
    const count = (cells: number) => (cells === 1 ? '1 cell' : `${cells} cells`);
    const reason =
      `has ${count(cells.length)} where the first row names ${header.length} columns; ` +
      'quote cells that hold a delimiter, a quote or a line break';
    return { row, kind: 'unreadable', reason, text };
  }
  const python = cells.findIndex(isPythonList);
  if (python !== -1) {
    const reason = `"${header[python]!}" is a Python list, not JSON; write such cells with json.dumps(...)`;
    return { row, kind: 'unreadable', reason, text };
  }
  const values: [string, unknown][] = [];
  for (const [index, cell] of cells.entries()) {
    const value = decodeCell(header[index]!, cell);
    if (value !== undefined) values.push([header[index]!, value]);
  }
  return { row, kind: 'values', values: Object.fromEntries(values), text };
}

const parserReasons: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'opens a quote that is not closed, so the rest of the file is in one cell; close or double it',
  CSV_MAX_RECORD_SIZE:
    'is longer than maxLineBytes; shorten it, close a quote that it leaves open, or read with a larger maxLineBytes',
};

function unreadable(row: number, { error, raw }: Skipped): FileRow {
  const reason = parserReasons[error.code] ?? error.message;
  return { row, kind: 'unreadable', reason, text: () => raw.slice(0, keptCharacters) };
}

/** The delimiter that gives the first row most cells; the earlier of the list where they draw. */
async function findDelimiter(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head[0] === 0xff || head[0] === 0xfe) {
      throw new ApolabError(`${file} is in UTF-16, as spreadsheets save "Unicode text"; save it as CSV in UTF-8.`);
    }
    // Quoted cells may hold anything.
    const [firstRow = ''] = head
      .toString()
      .replace(/"[^"]*"/g, '')
      .split(/\r?\n/);
    const cells = (delimiter: string) => firstRow.split(delimiter).length;
    return delimiters.reduce((best, delimiter) => (cells(delimiter) > cells(best) ? delimiter : best));
  } finally {
    await handle.close();
  }
}

/** Line breaks of all kinds are quoted, and so is white space at the border of a cell, which some readers strip. */
const quotedMatch = /[\r\n]|^\s|\s$|^$/;

async function writeCsv(file: string, options: WriteOptions): Promise<RowSink> {
  const delimiter = options.delimiter ?? (path.extname(file).toLowerCase() === '.tsv' ? '\t' : ',');
  return wideningSink(file, {
    empty: columnNames,
    widen: mergeNames,
    open: (part, columns) => openCsv(part, columns, delimiter),
    async *read(part) {
      for await (const row of readCsvRows(part, { delimiter, maxLineBytes: Number.MAX_SAFE_INTEGER })) {
        if (row.kind === 'values') yield row.values;
      }
    },
  });
}

async function openCsv(file: string, columns: readonly string[], delimiter: string): Promise<GroupWriter> {
  const handle = await open(file, 'w');
  const options = { delimiter, quoted_match: quotedMatch, record_delimiter: '\n' };
  await handle.writeFile(stringify([[...columns]], options));
  return {
    async write(rows: readonly Row[]) {
      const records = rows.map((row) => columns.map((column) => encodeCell(column, row[column])));
      await handle.writeFile(stringify(records, options));
    },
    async finish() {
      await handle.sync();
      await handle.close();
    },
    discard: () => handle.close(),
  };
}
