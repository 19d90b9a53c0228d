/** Data frames, series and arrays of objects as tables: HTML for notebooks, aligned text for consoles. */
import { inspect } from 'node:util';
import { escapeHtml } from '../../src/core/html.js';
import type { Renderer } from './renderer.js';
import type { MimeBundle } from '../../src/core/display.js';

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
  /** Shown under the column names; empty if the types are not known. */
  readonly dtypes: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly unknown[] }[];
  /** Number of rows, with those that are not shown. */
  readonly total: number;
}

const shownRows = 20;
const shownColumns = 30;
/** Characters per cell in text, per line of text (as wide as a console), and per cell in HTML. */
const textWidth = 40;
const lineWidth = 120;
const htmlWidth = 400;

/** A table of the first 20 rows, with the types of the columns. A series is a table with one column. */
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
  render(frame) {
    const rows = frame.values.slice(0, shownRows).map((value, index) => ({
      label: String(frame.index[index] ?? index),
      cells: frame.$isSeries ? [value] : (value as unknown[]),
    }));
    const dtypes = frame.dtypes ?? [];
    return renderTable({ columns: frame.columns.map(String), dtypes, rows, total: frame.values.length });
  },
};

/** A table of the first 20 objects. Its columns are their keys, in the order in which they first appear. */
export const recordsRenderer: Renderer<Records> = {
  matches(value): value is Records {
    return Array.isArray(value) && value.length > 0 && value.slice(0, shownRows).every(isPlainObject);
  },
  render(records) {
    const shown = records.slice(0, shownRows);
    const columns = [...new Set(shown.flatMap((record) => Object.keys(record)))];
    const rows = shown.map((record, index) => ({ label: String(index), cells: columns.map((name) => record[name]) }));
    return renderTable({ columns, dtypes: [], rows, total: records.length });
  },
};

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length > 0;
}

function renderTable({ columns, dtypes, rows, total }: Table): MimeBundle {
  const head = (count: number) => [
    ['', ...columns.slice(0, count)],
    ...(dtypes.length === 0 ? [] : [['', ...dtypes.slice(0, count)]]),
  ];
  const body = (count: number, width: number) =>
    rows.map(({ label, cells }) => [
      label,
      ...columns.slice(0, count).map((_, index) => cellText(cells[index], width)),
    ]);
  const note = (count: number) =>
    [
      ...(total > rows.length ? [`${total - rows.length} more rows`] : []),
      ...(columns.length > count ? [`${columns.length - count} more columns`] : []),
    ].join(', ');

  const shown = Math.min(columns.length, shownColumns);
  const lines = [...head(shown), ...body(shown, textWidth)];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const fitting = fittingColumns(widths);
  return {
    'text/plain': asText(lines, widths.slice(0, fitting + 1), note(fitting)),
    'text/html': asHtml(head(shown), body(shown, htmlWidth), note(shown)),
  };
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

function asText(lines: readonly (readonly string[])[], widths: readonly number[], note: string): string {
  const text = lines.map((line) =>
    widths
      .map((width, column) => (line[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  );
  return [...text, ...(note === '' ? [] : [`... ${note}`])].join('\n');
}

function asHtml(
  [names = [], types]: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
  note: string,
): string {
  const head = names.map((name, index) => {
    const type = types?.[index] ?? '';
    return `<th>${escapeHtml(name)}${type === '' ? '' : `<br><small>${escapeHtml(type)}</small>`}</th>`;
  });
  const body = rows.map(([label = '', ...cells]) => {
    const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th>${escapeHtml(label)}</th>${data}</tr>`;
  });
  const table = `<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return note === '' ? table : `${table}<p>... ${escapeHtml(note)}</p>`;
}
