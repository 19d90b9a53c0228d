/**
 * What stands in a cell of CSV, which knows nothing but text. Messages, numbers and objects are JSON in their cells; a text
 * stays as it is, unless it would be read as something else, and then it is a JSON string.
 */
import { stringifyJson, tryParseJson } from './exactJson.js';
import { isWellFormed } from './isWellFormed.js';

/** Columns whose cells are texts, whatever they look like; some of them may hold a list of messages instead. */
const textColumns: Readonly<Record<string, { readonly messages: boolean }>> = {
  prompt: { messages: true },
  chosen: { messages: true },
  rejected: { messages: true },
  response: { messages: true },
  rationale: { messages: false },
  rational: { messages: false },
};

const scoreColumns: readonly string[] = ['score_chosen', 'score_rejected'];

/**
 * The value of a cell; undefined where it is empty.
 *
 * A text column is read as text, or as messages where it is a JSON list of objects with a role. Any other cell is the JSON
 * that it is, if writing that value gives the same cell again; so `007` and `1.10` stay texts, and nothing is lost.
 *
 * @example
 * decodeCell('prompt', '12'); // '12'
 * decodeCell('id', '12'); // 12
 */
export function decodeCell(column: string, cell: string): unknown {
  if (cell === '') return undefined;
  if (scoreColumns.includes(column)) {
    const score = Number(cell);
    return cell.trim() !== '' && Number.isFinite(score) ? score : cell;
  }
  const textColumn = Object.hasOwn(textColumns, column) ? textColumns[column] : undefined;
  const first = cell.charCodeAt(0);
  const couldBeJson = first === 0x22 || first === 0x5b || (textColumn === undefined && jsonStart.test(cell));
  if (!couldBeJson) return cell;
  const value = tryParseJson(cell);
  if (value === undefined) return cell;
  if (typeof value === 'string') return encodeCell(column, value) === cell ? value : cell;
  if (textColumn !== undefined) return textColumn.messages && isMessages(value) ? value : cell;
  if (column === 'provenance' && typeof value === 'object') return value ?? undefined;
  return stringifyJson(value) === cell ? (value ?? cell) : cell;
}

const jsonStart = /^[-\d[{tfn]/;

/**
 * The cell of a value: the inverse of `decodeCell`.
 *
 * @example
 * encodeCell('id', 12); // '12'
 * encodeCell('id', '12'); // '"12"'
 */
export function encodeCell(column: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return stringifyJson(value);
  // Half a character would not survive the encoding of the file.
  return !isWellFormed(value) || decodeCell(column, value) !== value ? stringifyJson(value) : value;
}

/** Whether somebody wrote a list of messages as Python shows it, which is no JSON: what `DataFrame.to_csv` makes of it. */
export function isPythonList(cell: string): boolean {
  return /^\[\s*\{\s*'(role|content)'\s*:/.test(cell);
}

function isMessages(value: unknown): boolean {
  const hasRole = (item: unknown) => typeof item === 'object' && item !== null && 'role' in item;
  return Array.isArray(value) && value.length > 0 && value.every(hasRole);
}
