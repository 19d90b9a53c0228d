/** The columns of a Parquet file that is to be written, found out row by row. */
import { ApolabError } from '../../core/errors.js';
import { columnNames, inOrder } from './columns.js';
import { anyType, columnTypes, type ColumnType } from './columnTypes.js';
import type { Row } from './fileRow.js';

export type ParquetColumns = readonly { readonly name: string; readonly type: ColumnType }[];

export const emptyColumns: ParquetColumns = columnNames.map((name) => ({ name, type: 'string' }));

/** Columns whose values are texts in one file and conversations in another, and never both: a trainer reads one form. */
const oneForm: readonly string[] = columnNames;

/** Numbers of one type in every file, even where a file's scores happen to be whole. */
const scores: readonly string[] = ['score_chosen', 'score_rejected'];
const scoreTypes: readonly ColumnType[] = ['number', 'json'];

/** Takes rows, and says after each what columns hold all of them: the same object as long as nothing has to change. */
export function createColumnFinder(): (columns: ParquetColumns, row: Row) => ParquetColumns {
  const left = new Map<string, readonly ColumnType[]>();
  return (columns, row) => {
    let changed = false;
    for (const name in row) {
      const value = row[name];
      if (value === undefined || value === null) continue;
      const types = left.get(name) ?? (scores.includes(name) ? scoreTypes : anyType);
      if (left.has(name) && types.every((type) => columnTypes[type].holds(value))) continue;
      const narrower = types.filter((type) => columnTypes[type].holds(value));
      left.set(name, narrower);
      changed ||= narrower[0] !== types[0] || !columns.some((column) => column.name === name);
      if (narrower[0] === 'json' && oneForm.includes(name)) throw twoForms(name);
    }
    if (!changed) return columns;
    const names = inOrder([...new Set([...columns.map(({ name }) => name), ...left.keys()])]);
    return names.map((name) => ({ name, type: left.get(name)?.[0] ?? 'string' }));
  };
}

function twoForms(name: string): ApolabError {
  return new ApolabError(
    `"${name}" is a text in one row and a conversation in another, and a column of Parquet holds one of both. ` +
      "Write with form 'conversational' (--form conversational), or with 'standard'.",
  );
}
