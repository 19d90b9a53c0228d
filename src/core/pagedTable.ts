/**
 * A table that a reader sorts, filters and pages through in the browser, without the kernel: in a notebook, after it was saved and
 * opened again, and in an exported page. Without scripts (a notebook that is not trusted) the first page is there.
 */
import { escapeHtml, scriptJson } from './html.js';
import { keepMoreRows, type MoreRows } from './moreRows.js';
import { pagedTableScript } from './pagedTableScript.js';
import { countOf } from './text.js';

/** One column of a paged table. */
export interface PagedColumn {
  /** HTML of its head. */
  readonly head: string;
  /** Shown when the mouse is on the head. */
  readonly title?: string;
  /** The CSS class of its cells is `apolab-<kind>`; numbers are on the right, everything else on the left. */
  readonly kind: string;
}

/** HTML in a cell, as a list of one, so that it differs from text. */
export type HtmlCell = readonly [html: string];

/** What a cell holds: text, a number, HTML, or nothing. */
export type PagedCell = string | number | HtmlCell | null;

/** What a paged table shows. */
export interface PagedTable {
  readonly columns: readonly PagedColumn[];
  readonly rows: readonly (readonly PagedCell[])[];
  /** Number of rows with those that are not in `rows`. */
  readonly total: number;
  /** Gives the rows that are not in `rows`, if it can; see `keepMoreRows`. */
  readonly more?: MoreRows | undefined;
  /** Rows per page. */
  readonly page: number;
  /** What a row is; 'row' by default. */
  readonly noun?: string;
  /** CSS classes of the box that scrolls. */
  readonly box?: string;
}

/** The most characters of rows in one output: a notebook file holds them all. */
const longest = 2_000_000;

/**
 * The rows from `start` on that fit into one output: at least one, if there is any.
 *
 * @example
 * fittingRows(10, (index) => [index]); // [[0], ..., [9]]
 */
export function fittingRows(
  count: number,
  row: (index: number) => readonly PagedCell[],
  start = 0,
): (readonly PagedCell[])[] {
  const rows: (readonly PagedCell[])[] = [];
  for (let [index, characters] = [start, 0]; index < count; index++) {
    const next = row(index);
    characters += next.reduce<number>((sum, cell) => sum + lengthOf(cell), 0);
    if (characters > longest && rows.length > 0) break;
    rows.push(next);
  }
  return rows;
}

const lengthOf = (cell: PagedCell) =>
  typeof cell === 'string' ? cell.length + 3 : typeof cell === 'number' ? 10 : cell === null ? 5 : cell[0].length + 5;

/**
 * How many decimals a column of numbers needs to show six significant digits of each; six at most.
 *
 * @example
 * decimalsOf([1, 16.570312499999957]); // 4
 */
export function decimalsOf(values: Iterable<unknown>): number {
  let most = 0;
  for (const value of values) {
    if (typeof value !== 'number') continue;
    const decimals = /\.(\d+)$/.exec(String(Number(value.toPrecision(6))))?.[1]?.length ?? 0;
    most = Math.max(most, Math.min(6, decimals));
  }
  return most;
}

/**
 * A number with a column's decimals, as the script of a paged table writes it. Numbers that these would show as 0, and very large
 * ones, get an exponent.
 *
 * @example
 * numberText(16.570312499999957, 4); // '16.5703'
 */
export function numberText(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toPrecision(6);
  if (value !== 0 && size < 0.5 * 10 ** -decimals) return value.toPrecision(3);
  return value.toFixed(decimals);
}

/** The style of paged tables; the colours are the page's. */
export const pagedTableStyle = `<style>
.apolab-paged { --line: var(--jp-border-color2, rgba(128, 128, 128, 0.35)); --faint: var(--jp-content-font-color2, inherit); }
.apolab-paged .apolab-scroll { overflow: auto; max-width: 100%; }
.apolab-paged .apolab-data table { border-collapse: collapse; margin: 0; table-layout: auto; }
.apolab-paged .apolab-data th, .apolab-paged .apolab-data td { text-align: left; white-space: nowrap; max-width: 480px; overflow: hidden;
  text-overflow: ellipsis; padding: 3px 10px; font-variant-numeric: tabular-nums; }
.apolab-paged .apolab-data td.apolab-long { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 300px; }
.apolab-paged .apolab-data .apolab-number { text-align: right; }
.apolab-paged .apolab-data .apolab-label { color: var(--faint); text-align: right; }
.apolab-paged .apolab-sorts { cursor: pointer; user-select: none; }
.apolab-paged th[aria-sort=ascending]::after { content: ' \\25b4'; }
.apolab-paged th[aria-sort=descending]::after { content: ' \\25be'; }
.apolab-paged .apolab-bar { display: flex; gap: 8px; align-items: center; margin-top: 6px; font-size: 12px; color: var(--faint); }
.apolab-paged .apolab-bar input { width: 160px; }
.apolab-paged .apolab-bar input, .apolab-paged .apolab-bar button { font: inherit; color: var(--jp-content-font-color1, inherit);
  background: transparent; border: 1px solid var(--line); border-radius: 3px; padding: 2px 8px; }
.apolab-paged .apolab-bar button { cursor: pointer; min-width: 26px; }
.apolab-paged .apolab-bar button:disabled { opacity: 0.35; cursor: default; }
.apolab-paged .apolab-rest { color: var(--faint); font-size: 11px; margin: 6px 0 0; }
</style>`;

/**
 * The table as HTML, with its style, its rows as JSON and its script.
 *
 * @example
 * pagedTable({ columns: [{ head: 'a', kind: 'number' }], rows: [[1], [2]], total: 2, page: 20 });
 */
export function pagedTable({
  columns,
  rows,
  total,
  more,
  page,
  noun = 'row',
  box = 'apolab-data',
}: PagedTable): string {
  const decimals = columns.map((_, column) => decimalsOf(rows.map((row) => row[column])));
  // The alignment is also in the element: a notebook that is not trusted drops style sheets.
  const align = (kind: string) => (kind === 'text' ? ' style="text-align:left"' : '');
  const head = columns.map(
    ({ head, title, kind }) =>
      `<th class="apolab-${kind}"${align(kind)}${title === undefined ? '' : ` title="${escapeHtml(title)}"`}>${head}</th>`,
  );
  const body = rows.slice(0, page).map((row) => {
    const cells = row.map((cell, column) => {
      const { kind } = columns[column]!;
      return `<td class="apolab-${kind}${isLong(cell, kind) ? ' apolab-long' : ''}"${align(kind)}${fullNumber(cell, decimals[column]!)}>${cellHtml(cell, decimals[column]!)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const rest = total - Math.min(page, rows.length);
  const data = {
    columns: columns.map(({ kind }, column) => ({ kind, decimals: decimals[column] })),
    rows,
    total,
    page,
    ...(more === undefined || rows.length >= total ? {} : { more: keepMoreRows(more) }),
  };
  return (
    `${pagedTableStyle}<div class="apolab-paged" data-lm-suppress-shortcuts="true"><div class="apolab-scroll ${box}">` +
    `<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>` +
    (rest > 0 ? `<div class="apolab-rest">... ${countOf(rest, `more ${noun}`)}</div>` : '') +
    `<script type="application/json">${scriptJson(data).text}</script>${pagedTableScript}</div>`
  );
}

/** Text that is broken into lines, as the script decides it; shorter text is one line. */
function isLong(cell: PagedCell, kind: string): boolean {
  return kind === 'text' && (typeof cell === 'string' ? cell.length > 60 : Array.isArray(cell));
}

function cellHtml(cell: PagedCell, decimals: number): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return numberText(cell, decimals);
  return typeof cell === 'string' ? escapeHtml(cell) : cell[0];
}

/** The whole number in a tooltip, if the cell shows a rounded one. */
function fullNumber(cell: PagedCell, decimals: number): string {
  if (typeof cell !== 'number' || numberText(cell, decimals) === String(cell)) return '';
  return ` title="${String(cell)}"`;
}
