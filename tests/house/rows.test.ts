/** A typed table that lacks a row does not compile, whichever row it is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { errorsIn, withoutRow } from './program.js';

const read = (file: string) => readFileSync(path.join(packageRoot, file), 'utf8');

/** Tables, with rows to leave out; `seenIn` is where the compiler says so, the table's own file unless given. */
const tables = [
  { what: 'objective', file: 'src/objectives/catalog.ts', table: 'catalog', rows: ['sft', 'apo_zero', 'dpop', 'orpo'] },
] as const satisfies readonly {
  readonly what: string;
  readonly file: string;
  readonly table: string;
  readonly rows: readonly string[];
  readonly seenIn?: readonly string[];
}[];

describe.each(tables)('the table of each $what', ({ file, table, rows }) => {
  it.each(rows.map((row) => [row]))('does not compile without %s', (row) => {
    const seenIn = [file];
    expect(errorsIn(seenIn, {})).toEqual([]);
    const errors = errorsIn(seenIn, { [file]: withoutRow(read(file), table, row) });
    expect(errors.join('\n')).toContain(row);
  });
});
