/**
 * Data frames, series and arrays of objects as tables: aligned text for consoles, and HTML that is sorted, filtered and paged in
 * the browser (src/core/pagedTable.ts).
 */
import { inspect } from 'node:util';
import type { MimeBundle } from '../../src/core/display.js';
import { escapeHtml } from '../../src/core/html.js';
import { decimalsOf, fittingRows, numberText, pagedTable, type PagedCell } from '../../src/core/pagedTable.js';
import { asPair, draw, isPair, type Drawing } from './pair.js';
import type { Renderer } from './renderer.js';

/** The parts of a danfojs DataFrame or Series that are read. */
export interface FrameLike {
  readonly $isSeries: boolean;
  readonly columns: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
  /** The type of each column: `int32`, `float32`, `string`, `boolean`. */
  readonly dtypes?: readonly string[];
}

/** Rows as objects, with column names as keys. */
export type Records = readonly Readonly<Record<string, unknown>>[];

declare module './renderer.js' {
  interface RenderedTypes {
    frame: FrameLike;
    records: Records;
  }
}

interface Table {
  readonly columns: readonly string[];
  /** Known types of the columns; empty if they are not known. */
  readonly dtypes: readonly string[];
  readonly label: (row: number) => string;
  readonly cells: (row: number) => readonly unknown[];
  readonly total: number;
}

/** Rows as text, and per page in HTML. */
const shownRows = 20;
/** Rows whose keys are read for the columns. */
const readRows = 1_000;
/** Characters per cell in text, per line of text (as wide as a console), and per cell in HTML. */
const textWidth = 40;
const lineWidth = 120;
const htmlWidth = 400;

/** A table of all rows, a page at a time. A series is a table with one column. */
export const frameRenderer: Renderer<FrameLike> = {
  matches(value): value is FrameLike {
    return (
      typeof value === 'object' &&
      value !== null &&
      '$isSeries' in value &&
      Array.isArray((value as Partial<FrameLike>).index) &&
      Array.isArray((value as Partial<FrameLike>).values)
    );
  },
  render: ({ columns, values, index, dtypes = [], $isSeries }) =>
    renderTable({
      columns: columns.map(String),
      dtypes,
      label: (row) => String(index[row] ?? row),
      cells: (row) => ($isSeries ? [values[row]] : (values[row] as unknown[])),
      total: values.length,
    }),
};

/** A table of the objects, a page at a time. Its columns are their keys, in the order in which they first appear. */
export const recordsRenderer: Renderer<Records> = {
  matches(value): value is Records {
    return Array.isArray(value) && value.length > 0 && value.slice(0, shownRows).every(isPlainObject);
  },
  render(records) {
    const columns = [...new Set(records.slice(0, readRows).flatMap((record) => Object.keys(record)))];
    const cells = (row: number) => {
      const record = records[row];
      return columns.map((name) => record?.[name]);
    };
    return renderTable({ columns, dtypes: [], label: String, cells, total: records.length });
  },
};

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length > 0;
}

/** A promise only if a cell holds a pair, and what draws pairs is not loaded yet. */
function renderTable(table: Table): MimeBundle | Promise<MimeBundle> {
  const first = Array.from({ length: Math.min(table.total, shownRows) }, (_, row) => table.cells(row));
  const hasPairs = first.some((cells) => cells.some(isPair));
  return hasPairs ? draw((drawing) => bundleOf(table, first, drawing)) : bundleOf(table, first, undefined);
}

function bundleOf(table: Table, first: readonly (readonly unknown[])[], drawing: Drawing | undefined): MimeBundle {
  return {
    'text/plain': asText(table, first, drawing),
    'text/html': (drawing?.cells.pairCellStyle ?? '') + asHtml(table, drawing),
  };
}

function asHtml({ columns, dtypes, label, cells, total }: Table, drawing: Drawing | undefined): string {
  const toCell = (value: unknown): PagedCell => {
    if (value === undefined || value === null) return null;
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (drawing !== undefined && isPair(value)) return [drawing.cells.pairCell(asPair(value)).html];
    return cellText(value, htmlWidth);
  };
  const rowOf = (row: number) => {
    const values = cells(row);
    return [label(row), ...columns.map((_, column) => toCell(values[column]))];
  };
  const rows = fittingRows(total, rowOf);
  const heads = columns.map((name, column) => {
    const found = new Set(
      rows.map((row) => row[column + 1] ?? null).flatMap((cell) => (cell === null ? [] : [typeOf(cell)])),
    );
    const isNumber = found.size === 1 && found.has('number');
    const title = dtypes[column] ?? [...found].join(' or ');
    return { head: escapeHtml(name), title, kind: isNumber ? 'number' : 'text' };
  });
  const more = (start: number) => fittingRows(total, rowOf, start);
  return pagedTable({ columns: [{ head: '', kind: 'label' }, ...heads], rows, total, more, page: shownRows });
}

const typeOf = (cell: PagedCell) =>
  typeof cell === 'object' ? 'pair' : cell === 'NaN' || /^-?Infinity$/.test(String(cell)) ? 'number' : typeof cell;

function asText(
  { columns, dtypes, label, total }: Table,
  first: readonly (readonly unknown[])[],
  drawing: Drawing | undefined,
): string {
  const decimals = columns.map((_, column) => decimalsOf(first.map((cells) => cells[column])));
  const toText = (value: unknown, column: number) => {
    if (typeof value === 'number') return numberText(value, decimals[column]!);
    const shown = drawing !== undefined && isPair(value) ? drawing.cells.pairCell(asPair(value)).text : value;
    return cellText(shown, textWidth);
  };
  const lines = [
    ['', ...columns],
    ...(dtypes.length === 0 ? [] : [['', ...dtypes]]),
    ...first.map((cells, row) => [label(row), ...columns.map((_, column) => toText(cells[column], column))]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const fitting = fittingColumns(widths);
  const text = lines.map((line) =>
    widths
      .slice(0, fitting + 1)
      .map((width, column) => (line[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  );
  const notes = [
    ...(total > first.length ? [`${total - first.length} more rows`] : []),
    ...(columns.length > fitting ? [`${columns.length - fitting} more columns`] : []),
  ];
  return [...text, ...(notes.length === 0 ? [] : [`... ${notes.join(', ')}`])].join('\n');
}

/** How many columns fit on a line after the labels; at least one. */
function fittingColumns([labels = 0, ...widths]: readonly number[]): number {
  let used = labels;
  const tooWide = widths.findIndex((width) => (used += width + 2) > lineWidth);
  return tooWide < 0 ? widths.length : Math.max(1, tooWide);
}

function cellText(value: unknown, width: number): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : inspect(value, cellOptions);
  const line = text.slice(0, 2 * width).replace(/\s*\n\s*/g, ' ⏎ ');
  return line.length <= width && text.length <= 2 * width ? line : `${line.slice(0, width - 1)}…`;
}

const cellOptions = { depth: 1, maxArrayLength: 12, maxStringLength: htmlWidth, breakLength: Infinity };
