/** The columns of a file and their order: those of a pair first, then any others as they come. */
import type { Row } from './fileRow.js';

/** The columns of a pair, in the order in which files have them. */
export const pairColumns = [
  'prompt',
  'chosen',
  'rejected',
  'rationale',
  'score_chosen',
  'score_rejected',
  'provenance',
] as const;

/** The columns that every pairs file has, if it has no row at all. */
export const columnNames: readonly string[] = ['prompt', 'chosen', 'rejected'];

/** Adds the columns of a row that `names` lack; gives `names` itself where it lacks none. */
export function mergeNames(names: readonly string[], row: Row): readonly string[] {
  let missing: string[] | undefined;
  for (const name of Object.keys(row)) {
    if (row[name] === undefined || row[name] === null || names.includes(name)) continue;
    (missing ??= []).push(name);
  }
  return missing === undefined ? names : inOrder([...names, ...missing]);
}

/** Columns of a pair to the front, in their order. */
export function inOrder(names: readonly string[]): string[] {
  const known = pairColumns.filter((name) => names.includes(name));
  return [...known, ...names.filter((name) => !(known as readonly string[]).includes(name))];
}
