/** notebooks/preference-data.ipynb runs from top to bottom in the kernel, without a network or a key. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { workshop } from '../../src/datasets/index.js';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { kernelName, testEnvironment } from '../kernel/kernelProcess.js';

interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
}

interface Output {
  readonly output_type: string;
  readonly text?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const file = path.join(packageRoot, 'notebooks', 'preference-data.ipynb');
const rows = workshop.rows();
let cells: readonly Cell[];
let executed: { readonly count: number | null; readonly outputs: readonly Output[] }[];
let folder: string;

/** The output of the code cell that contains these words, as text of one kind. */
function shownBy(words: string, kind: 'stream' | 'text/html' | 'text/plain'): string {
  const index = cells.findIndex(({ cell_type, source }) => cell_type === 'code' && source.join('').includes(words));
  expect(index, words).toBeGreaterThanOrEqual(0);
  return executed[index]!.outputs
    .map((output) => (kind === 'stream' ? output.text : output.data?.[kind]))
    .flatMap((text) => (typeof text === 'string' ? [text] : []))
    .join('\n');
}

beforeAll(async () => {
  const notebook = JSON.parse(await readFile(file, 'utf8')) as {
    cells: Cell[];
    metadata: { kernelspec: { name: string } };
  };
  ({ cells } = notebook);
  const { env, prefix } = await testEnvironment();
  folder = path.join(prefix, 'notebooks');
  await mkdir(folder);
  // A copy with another kernel name: the kernel under test is installed beside other kernels.
  notebook.metadata.kernelspec.name = kernelName;
  const copy = path.join(folder, path.basename(file));
  await writeFile(copy, JSON.stringify(notebook));
  await writeFile(path.join(folder, 'tsconfig.json'), await readFile(path.join(path.dirname(file), 'tsconfig.json')));
  const program = path.join(packageRoot, 'tests', 'kernel', 'nbclientRun.py');
  const withoutKey = { ...env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
  const { stdout } = await promisify(execFile)(venvPython, [program, copy], { env: withoutKey, maxBuffer: 2 ** 26 });
  const result = JSON.parse(stdout) as { error: { text: string } | null; cells: typeof executed };
  expect(result.error?.text).toBeUndefined();
  executed = result.cells;
});

describe('notebooks/preference-data.ipynb', () => {
  it('is kept without outputs', () => {
    for (const { cell_type, outputs, execution_count } of cells) {
      if (cell_type === 'code') expect({ outputs, execution_count }).toEqual({ outputs: [], execution_count: null });
    }
  });

  it('runs every cell once, in order, with no output on standard error', () => {
    const counts = executed.map(({ count }) => count).filter((count) => count !== null);
    expect(counts).toEqual(counts.map((_, index) => index + 1));
    expect(counts).toHaveLength(cells.filter(({ cell_type }) => cell_type === 'code').length);
    const outputs = executed.flatMap((cell) => cell.outputs);
    expect(outputs.filter((output) => 'name' in output && output.name === 'stderr')).toEqual([]);
  });

  it('shows the pairs of CLAIR as differences, with the rationales', () => {
    const html = shownBy('reviser: datasets.workshop.reviser', 'text/html');
    expect(html).toMatch(/<del>[^<]+<\/del>/);
    expect(html).toMatch(/<ins>[^<]+<\/ins>/);
    expect(html).toContain(rows[0]!.rationale.slice(0, 40).replaceAll("'", '&#39;'));
  });

  it('counts the ties', () => {
    const ties = rows.filter((row) => row.score_policy === row.score_policy_second).length;
    expect(shownBy('const judging', 'stream')).toContain(`${rows.length - ties} pairs; ${ties} of ${rows.length}`);
  });

  it('compares the four sets and draws distributions', () => {
    const table = shownBy('preference.compare', 'text/html') || shownBy('preference.compare', 'text/plain');
    for (const label of ['CLAIR', 'Judge on-policy', 'Judge off-policy', 'Stronger Preferred']) {
      expect(table).toContain(label);
    }
    expect(shownBy('preference.describe', 'text/html') + shownBy('preference.describe', 'text/plain')).not.toBe('');
  });

  it('writes pairs and reads them back', () => {
    expect(existsSync(path.join(folder, 'results', 'workshop-clair.jsonl'))).toBe(true);
    const said = shownBy('preference.readPairs', 'stream');
    expect(said).toContain(`${rows.length} pairs read, 0 rows skipped`);
    expect(said).toContain('the same as before: true');
  });

  it('sends no request to an endpoint', () => {
    expect(shownBy('askMyModel', 'stream')).toBe('');
    expect(existsSync(path.join(folder, '.apolab-cache'))).toBe(false);
  });
});
