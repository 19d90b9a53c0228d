/** Infers the columns of a new Parquet file from its rows. */
import { ApolabError } from '../../core/errors.js';
import { inColumnOrder, kindOfColumn, requiredColumns } from './columns.js';
import { anyType, columnTypes, type ColumnType } from './columnTypes.js';
import type { Row } from './fileRow.js';

/** The columns of a file, in order. */
export type ParquetColumns = readonly { readonly name: string; readonly type: ColumnType }[];

/** The columns of a file without rows. */
export const emptyColumns: ParquetColumns = requiredColumns.map((name) => ({ name, type: 'string' }));

/** Columns that hold either texts or conversations in one file, never both: a trainer reads one form. */
const oneForm = requiredColumns;

/** Scores have one type in all files, also if a file's scores happen to be integers. */
const scoreTypes: readonly ColumnType[] = ['number', 'json'];

/** Returns a function that takes rows and returns the columns that hold all rows so far; the same object if nothing changes. */
export function createColumnFinder(): (columns: ParquetColumns, row: Row) => ParquetColumns {
  const left = new Map<string, readonly ColumnType[]>();
  return (columns, row) => {
    let changed = false;
    for (const name in row) {
      const value = row[name];
      if (value === undefined || value === null) continue;
      const types = left.get(name) ?? (kindOfColumn(name) === 'score' ? scoreTypes : anyType);
      if (left.has(name) && types.every((type) => columnTypes[type].holds(value))) continue;
      const narrower = types.filter((type) => columnTypes[type].holds(value));
      left.set(name, narrower);
      changed ||= narrower[0] !== types[0] || !columns.some((column) => column.name === name);
      if (narrower[0] === 'json' && oneForm.includes(name)) throw twoForms(name);
    }
    if (!changed) return columns;
    const names = inColumnOrder([...new Set([...columns.map(({ name }) => name), ...left.keys()])]);
    return names.map((name) => ({ name, type: left.get(name)?.[0] ?? 'string' }));
  };
}

function twoForms(name: string): ApolabError {
  return new ApolabError(
    `"${name}" is a text in one row and a conversation in another, but a Parquet column holds only one of the two. ` +
      "Write with form 'conversational' (--form conversational), or with 'standard'.",
  );
}
