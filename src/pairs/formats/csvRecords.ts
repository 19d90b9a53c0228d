/**
 * Splits a CSV file into records. A quote that is never closed makes only the row that opens it unreadable: the lines after
 * it are read again as if the quote were closed.
 */
import type { ReadOptions } from './format.js';
import { longestLine } from './format.js';
import { readLines, type Line } from '../../core/readLines.js';
import { beginningOf, decodeLeniently, decodeUtf8, notUtf8, tooLong } from './utf8.js';

/** One record: a row of the table, which may span several lines. */
export interface CsvRecord {
  /** As spreadsheets count: from 1, blank lines included. */
  readonly row: number;
  /** Without its last line break; only the beginning if the record is too long. */
  readonly text: string;
  /** Why the record cannot be split into cells. */
  readonly fault?: string;
}

const quote = 0x22;
const carriageReturn = 0x0d;

/** The records of a file, one at a time. No record takes more memory than `maxLineBytes`. */
export async function* readRecords(
  file: string,
  delimiter: string,
  { maxLineBytes = longestLine, onBytes }: ReadOptions,
): AsyncGenerator<CsvRecord, void> {
  const border = delimiter.charCodeAt(0);
  let row = 0;
  let open: Line[] = [];
  let bytes = 0;
  let inQuotes = false;
  const notClosed = 'opens a quote that is not closed; close it, or double it inside of a cell';

  /** Adds a line; yields the records that end with it. */
  const take = function* (line: Line): Generator<CsvRecord, void> {
    open.push(line);
    bytes += line.bytes.length + 1;
    const end = line.overlong ? 'outside' : endOf(line.bytes, border, inQuotes);
    inQuotes = end === 'inside';
    // If the quote closes in the middle of a cell of a later line, it was opened by mistake.
    const isMistaken = end === 'torn' && open.length > 1;
    if (line.overlong || isMistaken || bytes > maxLineBytes + 1) yield* giveUp();
    else if (!inQuotes) {
      const record = toRecord((row += 1), open);
      if (record !== undefined) yield record;
      open = [];
      bytes = 0;
    }
  };
  /** Yields the first line as unreadable, and adds the others again. */
  const giveUp = function* (): Generator<CsvRecord, void> {
    const [first, ...others] = open;
    const isOpen = !first!.overlong && endOf(first!.bytes, border, false) === 'inside';
    yield {
      row: (row += 1),
      text: beginningOf(first!.bytes),
      fault: isOpen ? notClosed : tooLong(maxLineBytes),
    };
    open = [];
    bytes = 0;
    inQuotes = false;
    for (const line of others) yield* take(line);
  };
  for await (const line of readLines(file, maxLineBytes, onBytes)) {
    yield* take(line.number === 1 ? withoutMark(line) : line);
  }
  while (open.length > 0) yield* giveUp();
}

/** Spreadsheets write a byte order mark before UTF-8. */
function withoutMark(line: Line): Line {
  const hasMark = line.bytes[0] === 0xef && line.bytes[1] === 0xbb && line.bytes[2] === 0xbf;
  return hasMark ? { ...line, bytes: line.bytes.subarray(3) } : line;
}

/**
 * Whether a line ends inside or outside a quoted cell; `torn` if the quote that was open before the line closes in the middle
 * of a cell. A quote opens a cell only as the first character of that cell.
 */
function endOf(line: Uint8Array, border: number, inQuotes: boolean): 'inside' | 'outside' | 'torn' {
  let inside = inQuotes;
  let at = 0;
  let isFirst = inQuotes;
  let isTorn = false;
  for (;;) {
    if (inside) {
      const close = line.indexOf(quote, at);
      if (close === -1) return 'inside';
      const after = line[close + 1];
      inside = after === quote;
      at = close + (inside ? 2 : 1);
      if (inside) continue;
      isTorn ||= isFirst && after !== undefined && after !== border && after !== carriageReturn;
      isFirst = false;
    } else if (line[at] === quote && (at === 0 || line[at - 1] === border)) {
      inside = true;
      at += 1;
    } else {
      const next = line.indexOf(border, at);
      if (next === -1) return isTorn ? 'torn' : 'outside';
      at = next + 1;
    }
  }
}

/** Undefined for a blank line. */
function toRecord(row: number, lines: readonly Line[]): CsvRecord | undefined {
  const decoded = lines.map(({ bytes }) => decodeUtf8(bytes));
  if (decoded.includes(undefined)) {
    return { row, text: lines.map(({ bytes }) => decodeLeniently(bytes)).join('\n'), fault: notUtf8 };
  }
  const text = decoded.join('\n').replace(/\r$/, '');
  return text.trim() === '' ? undefined : { row, text };
}
