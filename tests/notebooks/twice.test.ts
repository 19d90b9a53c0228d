/** Every notebook, in one kernel session: a cell that is run again, and all cells run again, show what they showed the first time. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { KernelProcess, type Answer } from '../kernel/kernelProcess.js';

const notebooks = path.join(packageRoot, 'notebooks');
const names = readdirSync(notebooks).filter((name) => name.endsWith('.ipynb'));

/** A grid of seconds; the notebook and all its figures are the same. */
const smallGrid = { pairCount: 32, epochs: 2, evaluationPrompts: 32, datasets: ['clair', 'judge_on_policy'] };

function codeCells(name: string): string[] {
  const { cells } = JSON.parse(readFileSync(path.join(notebooks, name), 'utf8')) as {
    cells: { cell_type: string; source: string[] }[];
  };
  const code = cells.filter(({ cell_type }) => cell_type === 'code').map(({ source }) => source.join(''));
  // How long a cell of the grid took is not the same twice.
  return code.map((text) => text.replace('gridRows(grid)', 'gridRows(grid).map(({ seconds, ...row }) => row)'));
}

const dataTypes = new Set(['display_data', 'update_display_data', 'execute_result', 'error']);
const uuid = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** What a cell shows, without the lines of progress of the grid, which differ with the machine. */
function shownBy({ reply, outputs }: Answer, code: string): unknown {
  const hasProgress = code.includes('runGrid');
  // Text arrives in pieces whose borders differ.
  const text = outputs.map(({ type, content }) => (type === 'stream' && !hasProgress ? content.text : '')).join('');
  // An output that is updated counts as it is at the end: how many updates a live figure shows depends on time.
  const shown = new Map<unknown, unknown>();
  for (const [index, { type, content }] of outputs.entries()) {
    const { display_id: id = index } = (content.transient ?? {}) as { display_id?: string };
    // The line of progress ends with a rate and a time.
    const isStatus = Object.hasOwn(content.data ?? {}, 'application/vnd.apolab.status');
    if (dataTypes.has(type) && !isStatus) shown.set(id, type === 'error' ? content : content.data);
  }
  // A control is a new model each time.
  const data: unknown = JSON.parse(JSON.stringify([...shown.values()]).replace(uuid, 'an id'));
  return { status: reply.status, text, data };
}

// The grid is trained three times, on a machine that may be slow.
it.each(names)('%s', { timeout: 600_000 }, async (name) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'apolab-twice-'));
  copyFileSync(path.join(notebooks, 'tsconfig.json'), path.join(folder, 'tsconfig.json'));
  const kernel = await KernelProcess.start(folder, {
    APOLAB_RUN: JSON.stringify({ ...smallGrid, out: path.join(folder, 'grid') }),
    OPENAI_API_KEY: '',
    OPENAI_BASE_URL: '',
  });
  try {
    const cells = codeCells(name);
    const run = async (code: string) => shownBy(await kernel.execute(code), code);
    const first: unknown[] = [];
    for (const code of cells) {
      const shown = await run(code);
      expect(shown, JSON.stringify(shown)).toMatchObject({ status: 'ok' });
      expect(await run(code), `the cell again: ${code}`).toEqual(shown);
      first.push(shown);
    }
    for (const [index, code] of cells.entries()) expect(await run(code), `all cells again: ${code}`).toEqual(first[index]);
  } finally {
    await kernel.stop();
  }
});
