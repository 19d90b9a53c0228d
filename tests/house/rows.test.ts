/** A typed table that lacks a row does not compile, whichever row it is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { errorsIn, withoutRow } from './program.js';

const read = (file: string) => readFileSync(path.join(packageRoot, file), 'utf8');

/** Tables, with rows to leave out. The compiler complains in the table's own file, or in the one that needs the row. */
const tables = [
  { what: 'objective', file: 'src/objectives/catalog.ts', table: 'catalog', rows: ['sft', 'apo_zero', 'dpop', 'orpo'] },
  {
    what: 'builder, of which something is known',
    file: 'src/builders/catalog.ts',
    table: 'builderCatalog',
    rows: ['clair', 'stronger_preferred'],
    seenIn: 'src/builders/table.ts',
  },
  { what: 'builder', file: 'src/builders/table.ts', table: 'builders', rows: ['clair', 'judge_off_policy'] },
  {
    what: 'benchmark',
    file: 'src/evaluation/benchmarks.ts',
    table: 'benchmarks',
    rows: ['village_hard'],
    seenIn: 'src/ablation/cell/scorePolicy.ts',
  },
  { what: 'backend', file: 'src/tensor/backends.ts', table: 'backends', rows: ['tensorflow', 'wasm'] },
  { what: 'file format', file: 'src/pairs/formats/formats.ts', table: 'formats', rows: ['jsonl', 'parquet'] },
  { what: 'command', file: 'src/commands/index.ts', table: 'commands', rows: ['train', 'doctor'] },
  {
    what: 'shell request handler',
    file: 'kernel/protocol/shellHandlers.ts',
    table: 'shellHandlers',
    rows: ['execute_request', 'connect_request'],
  },
  {
    what: 'control request handler',
    file: 'kernel/control/controlHandlers.ts',
    table: 'controlHandlers',
    rows: ['interrupt_request'],
  },
  { what: 'magic', file: 'kernel/magics/table.ts', table: 'magics', rows: ['time', 'npm'] },
  { what: 'renderer', file: 'kernel/display/render.ts', table: 'renderers', rows: ['tensor', 'records'] },
] as const satisfies readonly {
  readonly what: string;
  readonly file: string;
  readonly table: string;
  readonly rows: readonly string[];
  readonly seenIn?: string;
}[];

describe.each(tables)('the table of each $what', (entry) => {
  const { file, table, rows } = entry;
  const seenIn = ['seenIn' in entry ? entry.seenIn : file];

  it.each(rows.map((row) => [row]))('does not compile without %s', (row) => {
    expect(errorsIn(seenIn, {})).toEqual([]);
    const errors = errorsIn(seenIn, { [file]: withoutRow(read(file), table, row) });
    // The compiler names the row in one of its messages, or the type of the whole table that lacks it.
    expect(errors.join('\n')).toMatch(new RegExp(`${row}|not assignable`));
  });
});
