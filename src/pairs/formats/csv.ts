/** CSV with a header row, by csv-parse and csv-stringify; csvCells.ts converts between cells and values. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { ApolabError } from '../../core/errors.js';
import { readHead } from '../../core/readBytes.js';
import { readRecords, type CsvRecord } from './csvRecords.js';
import { decodeCell, encodeCell, isPythonList } from './csvCells.js';
import { cellOf, type FileRow, type Row } from './fileRow.js';
import type { Format, ReadOptions, RowSink, WriteOptions } from './format.js';
import { mergeNames, requiredColumns } from './columns.js';
import { wideningSink, type GroupWriter } from './wideningSink.js';

/** CSV and TSV. */
export const csv: Format = {
  extensions: ['.csv', '.tsv'],
  description: 'CSV with a header row; conversations are JSON in their cells',
  unit: 'row',
  recognizes: (head) => {
    const header = /^[^\r\n]*/.exec(head)?.[0] ?? '';
    const names = header.split(/[,;\t|]/).map((name) => name.replace(/^\s*"|"\s*$/g, ''));
    return names.includes('chosen') && names.includes('rejected');
  },
  read: readCsvRows,
  write: (file, options) => writeCsv(file, options),
};

/** The delimiters that are detected. */
const delimiters = [',', ';', '\t', '|'] as const;
/** How much of a file is read to find its header. */
const headBytes = 2 ** 16;
const recordsAtATime = 256;

async function* readCsvRows(file: string, options: ReadOptions): AsyncGenerator<FileRow, void> {
  const delimiter = options.delimiter ?? (await findDelimiter(file));
  let header: readonly string[] | undefined;
  let waiting: CsvRecord[] = [];
  const parseWaiting = function* (): Generator<FileRow, void> {
    const cells = readCells(waiting, delimiter);
    for (const [index, record] of waiting.entries()) {
      if (header === undefined) header = readHeader(record, cells[index], file);
      else yield readRecord(record, cells[index], header);
    }
    waiting = [];
  };
  for await (const record of readRecords(file, delimiter, options)) {
    waiting.push(record);
    if (waiting.length === recordsAtATime) yield* parseWaiting();
  }
  yield* parseWaiting();
}

/** The cells of the well-formed records, parsed together: csv-parse takes longer to start than to read a row. */
function readCells(records: readonly CsvRecord[], delimiter: string): (readonly string[] | undefined)[] {
  const whole = records.filter(({ fault }) => fault === undefined);
  const cells = parse(whole.map(({ text }) => text).join('\n'), {
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
    // As Python's csv and pandas do: a quote inside an unquoted cell is a quote.
    relax_quotes: true,
  });
  // Otherwise all later rows would get the cells of another row.
  if (cells.length !== whole.length) throw new Error(`csv-parse finds ${cells.length} rows in ${whole.length}`);
  return records.map(({ fault }) => (fault === undefined ? cells.shift() : undefined));
}

function readHeader({ fault }: CsvRecord, cells: readonly string[] | undefined, file: string): string[] {
  if (cells === undefined) throw new ApolabError(`The first row of ${file} names no columns: it ${fault!}.`);
  const names = cells.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new ApolabError(
    twice === ''
      ? `${file} has columns without a name in its first row; name every column there.`
      : `${file} has two columns "${twice}"; name every column of its first row once.`,
  );
}

function readRecord(record: CsvRecord, cells: readonly string[] | undefined, header: readonly string[]): FileRow {
  const place = { row: record.row, text: () => record.text };
  if (cells === undefined) return { ...place, kind: 'unreadable', reason: record.fault! };
  if (cells.length !== header.length) {
    const count = cells.length === 1 ? '1 cell' : `${cells.length} cells`;
    const reason =
      `has ${count}, but the first row names ${header.length} columns; ` +
      'quote cells that hold a delimiter, a quote or a line break';
    return { ...place, kind: 'unreadable', reason };
  }
  const python = cells.findIndex(isPythonList);
  if (python !== -1) {
    const reason = `"${header[python]!}" is a Python list, not JSON; write such cells with json.dumps(...)`;
    return { ...place, kind: 'unreadable', reason };
  }
  const values: [string, unknown][] = [];
  for (const [index, cell] of cells.entries()) {
    const value = decodeCell(header[index]!, cell);
    if (value !== undefined) values.push([header[index]!, value]);
  }
  return { ...place, kind: 'values', values: Object.fromEntries(values) };
}

/** The delimiter that splits the first row into the most cells; the earlier one of the list on a tie. */
async function findDelimiter(file: string): Promise<string> {
  const head = await readHead(file, headBytes);
  if (head[0] === 0xff || head[0] === 0xfe) {
    throw new ApolabError(`${file} is in UTF-16, as spreadsheets save "Unicode text"; save it as CSV in UTF-8.`);
  }
  if (head.includes(0x0d) && !head.includes(0x0a)) {
    throw new ApolabError(`${file} ends its lines with carriage returns alone; save it with line feeds (LF or CRLF).`);
  }
  // Quoted cells may hold anything.
  const [firstRow = ''] = head
    .toString()
    .replace(/"[^"]*"/g, '')
    .split(/\r?\n/);
  const cells = (delimiter: string) => firstRow.split(delimiter).length;
  return delimiters.reduce((best, delimiter) => (cells(delimiter) > cells(best) ? delimiter : best));
}

/** All line breaks are quoted, and white space at either end of a cell, which some readers strip. */
const quotedMatch = /[\r\n]|^\s|\s$|^$/;

async function writeCsv(file: string, options: WriteOptions): Promise<RowSink> {
  const delimiter = options.delimiter ?? (path.extname(file).toLowerCase() === '.tsv' ? '\t' : ',');
  return wideningSink(file, {
    empty: requiredColumns,
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
      const records = rows.map((row) => columns.map((column) => encodeCell(column, cellOf(row, column))));
      await handle.writeFile(stringify(records, options));
    },
    async finish() {
      await handle.sync();
      await handle.close();
    },
    discard: () => handle.close(),
  };
}
