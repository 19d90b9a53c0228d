/** Data frames, series and arrays of objects as tables: HTML for notebooks, aligned text beside it. */
import { inspect } from 'node:util';
import { escapeHtml, type MimeBundle } from './bundle.js';

/** What is used of a danfojs DataFrame or Series. */
export interface FrameLike {
  readonly $isSeries: boolean;
  readonly columns: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
}
export type Records = readonly Readonly<Record<string, unknown>>[];

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly unknown[] }[];
  readonly total: number;
}

const shownRows = 20;
const shownColumns = 30;
const textWidth = 40;
const htmlWidth = 400;

export function isFrame(value: unknown): value is FrameLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$isSeries' in value &&
    Array.isArray((value as Partial<FrameLike>).index) &&
    Array.isArray((value as Partial<FrameLike>).values)
  );
}

export function isRecords(value: unknown): value is Records {
  return Array.isArray(value) && value.length > 0 && value.slice(0, shownRows).every(isPlainObject);
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length > 0;
}

export function renderFrame(frame: FrameLike): MimeBundle {
  const rows = frame.values.slice(0, shownRows).map((value, index) => ({
    label: String(frame.index[index] ?? index),
    cells: frame.$isSeries ? [value] : (value as unknown[]),
  }));
  return renderTable({ columns: frame.columns, rows, total: frame.values.length });
}

/** Columns are the keys of the rows shown, in the order in which they first appear. */
export function renderRecords(records: Records): MimeBundle {
  const shown = records.slice(0, shownRows);
  const columns = [...new Set(shown.flatMap((record) => Object.keys(record)))];
  const rows = shown.map((record, index) => ({ label: String(index), cells: columns.map((name) => record[name]) }));
  return renderTable({ columns, rows, total: records.length });
}

function renderTable({ columns, rows, total }: Table): MimeBundle {
  const shown = columns.slice(0, shownColumns);
  const hidden = [
    ...(total > rows.length ? [`${total - rows.length} more rows`] : []),
    ...(columns.length > shown.length ? [`${columns.length - shown.length} more columns`] : []),
  ];
  const cells = (width: number) =>
    rows.map(({ label, cells }) => [label, ...shown.map((_, index) => cellText(cells[index], width))]);
  const note = hidden.length === 0 ? '' : `... ${hidden.join(', ')}`;
  return { 'text/plain': asText(shown, cells(textWidth), note), 'text/html': asHtml(shown, cells(htmlWidth), note) };
}

function cellText(value: unknown, width: number): string {
  const text = (typeof value === 'string' ? value : value === undefined ? '' : inspect(value, { depth: 1 })).replace(
    /\s*\n\s*/g,
    ' ⏎ ',
  );
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function asText(columns: readonly string[], rows: readonly (readonly string[])[], note: string): string {
  const lines = [['', ...columns], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...text, ...(note === '' ? [] : [note])].join('\n');
}

function asHtml(columns: readonly string[], rows: readonly (readonly string[])[], note: string): string {
  const head = ['', ...columns].map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(([label = '', ...cells]) => {
    const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th>${escapeHtml(label)}</th>${data}</tr>`;
  });
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return note === '' ? table : `${table}<p>${escapeHtml(note)}</p>`;
}
