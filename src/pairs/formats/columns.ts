/**
 * The columns that mean the same in every file, by the names that TRL's trainers read. A format uses the name of a column
 * to choose how to store it; what a row means is checked elsewhere.
 */
import type { Row } from './fileRow.js';

/**
 * How the values of a column are stored: `text` is a string; `conversation` a string or a list of `{role, content}`;
 * `score` a number, also if it happens to be whole; `object` an object.
 */
export type ColumnKind = 'text' | 'conversation' | 'score' | 'object';

/** The columns of a pair, in the order in which files list them. */
const pairColumns: Readonly<Record<string, ColumnKind>> = {
  prompt: 'conversation',
  chosen: 'conversation',
  rejected: 'conversation',
  rationale: 'text',
  score_chosen: 'score',
  score_rejected: 'score',
  provenance: 'object',
};

/** Columns that are read but that no pair is written with; they keep their position among the other columns. */
const readOnlyColumns: Readonly<Record<string, ColumnKind>> = { response: 'conversation', rational: 'text' };

/** The kind of a column; undefined if its name says nothing about its values. */
export function kindOfColumn(name: string): ColumnKind | undefined {
  if (Object.hasOwn(pairColumns, name)) return pairColumns[name];
  return Object.hasOwn(readOnlyColumns, name) ? readOnlyColumns[name] : undefined;
}

/** The columns that every pairs file has, also one without rows. */
export const requiredColumns: readonly string[] = ['prompt', 'chosen', 'rejected'];

/** Adds the columns of `row` that `names` lacks; returns `names` itself if it lacks none. */
export function mergeNames(names: readonly string[], row: Row): readonly string[] {
  let missing: string[] | undefined;
  for (const name of Object.keys(row)) {
    if (row[name] === undefined || row[name] === null || names.includes(name)) continue;
    (missing ??= []).push(name);
  }
  return missing === undefined ? names : inColumnOrder([...names, ...missing]);
}

/** Moves the columns of a pair to the front, in their fixed order; the others keep theirs. */
export function inColumnOrder(names: readonly string[]): string[] {
  const known = Object.keys(pairColumns).filter((name) => names.includes(name));
  return [...known, ...names.filter((name) => !known.includes(name))];
}
