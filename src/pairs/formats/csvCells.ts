/**
 * Values as cells of CSV, which has only text. Messages, numbers and objects are written as JSON; a text is written as it
 * is, unless it would be read back as something else: then it is written as a JSON string.
 */
import { kindOfColumn } from './columns.js';
import { stringifyJson, tryParseJson } from './exactJson.js';
import { isWellFormed } from './isWellFormed.js';

/**
 * The value of a cell; undefined if it is empty.
 *
 * A column of texts is read as text, or as messages if the cell is a JSON list of objects with a role. A cell of any other
 * column is parsed as JSON if writing that value gives the same cell again; so `007` and `1.10` stay texts.
 *
 * @example
 * decodeCell('prompt', '12'); // '12'
 * decodeCell('id', '12'); // 12
 */
export function decodeCell(column: string, cell: string): unknown {
  if (cell === '') return undefined;
  const kind = kindOfColumn(column);
  if (kind === 'score') {
    const score = Number(cell);
    return cell.trim() !== '' && Number.isFinite(score) ? score : cell;
  }
  const isText = kind === 'text' || kind === 'conversation';
  const first = cell.charCodeAt(0);
  const couldBeJson = first === 0x22 || first === 0x5b || (!isText && jsonStart.test(cell));
  if (!couldBeJson) return cell;
  const value = tryParseJson(cell);
  if (value === undefined) return cell;
  if (typeof value === 'string') return encodeCell(column, value) === cell ? value : cell;
  if (isText) return kind === 'conversation' && isMessages(value) ? value : cell;
  if (kind === 'object' && typeof value === 'object') return value ?? undefined;
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
  // A lone surrogate cannot be encoded in UTF-8; JSON escapes it.
  return !isWellFormed(value) || decodeCell(column, value) !== value ? stringifyJson(value) : value;
}

/** Whether a cell is a list of messages in Python's notation, which is not JSON: `DataFrame.to_csv` writes lists so. */
export function isPythonList(cell: string): boolean {
  return /^\[\s*\{\s*'(role|content)'\s*:/.test(cell);
}

function isMessages(value: unknown): boolean {
  const hasRole = (item: unknown) => typeof item === 'object' && item !== null && 'role' in item;
  return Array.isArray(value) && value.length > 0 && value.every(hasRole);
}
