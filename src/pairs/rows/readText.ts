/** Checks the values of a row that are texts. */
import { BadRow } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { isWellFormed } from '../formats/isWellFormed.js';

/** The value of a column; throws a BadRow if the row lacks it. */
export function required(row: Row, column: string): unknown {
  const value = row[column];
  if (value !== undefined) return value;
  const present = Object.keys(row).map((key) => `"${key}"`);
  throw new BadRow(
    column,
    `"${column}" is missing; the row has ${present.length === 0 ? 'no fields' : present.join(', ')}`,
  );
}

/** Checks that a value is a text that tokenizers accept; throws a BadRow that names `field` otherwise. */
export function nonEmptyString(value: unknown, column: string, field = `"${column}"`): string {
  if (typeof value !== 'string') throw new BadRow(column, `${field} is ${kindOf(value)}; make it a string`);
  if (value.trim() === '') throw new BadRow(column, `${field} is empty; write its text or remove the row`);
  wellFormed(value, column, field);
  return value;
}

/** Throws a BadRow that names `field` if a text, or one inside a value, cannot be encoded in UTF-8. */
export function wellFormed(value: unknown, column: string, field: string): void {
  if (typeof value === 'string' && !isWellFormed(value)) {
    throw new BadRow(
      column,
      `${field} has half a character (a lone surrogate such as \\ud83d), which no tokenizer accepts; fix its text`,
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inside] of Object.entries(value)) {
    wellFormed(inside, column, Array.isArray(value) ? `${field}[${key}]` : `${field}.${key}`);
  }
}

/** The kind of a value for error messages: `a list`, `an object`, `a number`. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
