/** Every notebook, run by "Run All Cells" in JupyterLab, twice in one session: the second time it shows the same texts and figures. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { drawnIn } from './drawn.js';
import { type Lab, type Notebook, patience, startLab } from './labPage.js';

// A browser may have to be installed first, which takes long.
const setUpTimeout = 900_000;
const minutes = 60_000;

/** What differs from the repository's notebooks: the grid takes seconds, and no table says how many. */
const replacements = [
  [
    'ablation.runSettings()',
    "ablation.runSettings({ pairCount: 32, epochs: 1, evaluationPrompts: 16, datasets: ['clair', 'judge_on_policy'] })",
  ],
  ['gridRows(grid)', 'gridRows(grid).map(({ seconds, ...row }) => row)'],
] as const;

const names = readdirSync(path.join(packageRoot, 'notebooks')).filter((name) => name.endsWith('.ipynb'));
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    copies: ['notebooks'],
    // All cells are on the page, not only those in sight.
    settings: { '@jupyterlab/notebook-extension/tracker': { windowingMode: 'none' } },
    env: { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' },
  });
  for (const name of names) {
    const file = path.join(lab.folder, 'notebooks', name);
    let text = readFileSync(file, 'utf8');
    for (const [whole, small] of replacements) text = text.replace(whole, small);
    writeFileSync(file, text);
  }
}, setUpTimeout);
afterAll(() => lab.close());

/** What a person sees of a cell's outputs: its texts, and the numbers of its figures. */
async function shownBy(cell: Locator) {
  // The cells of the grid are named as they end, with times.
  if ((await cell.locator('.cm-content').innerText()).includes('runGrid')) return { texts: [], traces: [] };
  const outputs = cell.locator('.jp-OutputArea-output');
  const texts = await outputs.evaluateAll((nodes) =>
    nodes.map((node) => {
      const output = node as unknown as {
        innerText: string;
        querySelector(selector: string): unknown;
      };
      // A bar ends with a rate and a time.
      return output.querySelector('progress, .js-plotly-plot') === null ? output.innerText : '';
    }),
  );
  return { texts, traces: await drawnIn(cell) };
}

/** Runs all cells, and gives what each shows when nothing changes any more. */
async function runAll(notebook: Notebook, count: number) {
  const cells = notebook.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell');
  const prompts = async () => (await cells.locator('.jp-InputPrompt').allInnerTexts()).map((text) => text.trim());
  await notebook.choose('Run', 'Run All Cells');
  const length = await cells.count();
  const expected = Array.from({ length }, (_, index) => `[${String(count + index + 1)}]:`);
  await expect.poll(prompts, { timeout: 8 * minutes, interval: 500 }).toEqual(expected);
  await notebook.untilIdle();
  const snapshot = async () => Promise.all((await cells.all()).map(shownBy));
  let before = '';
  const isStill = async () => {
    const now = JSON.stringify(await snapshot());
    const same = now === before;
    before = now;
    return same;
  };
  await expect.poll(isStill, { timeout: patience, interval: 500 }).toBe(true);
  return { length, shown: await snapshot(), errors: await cells.locator('[data-mime-type*="error"]').allInnerTexts() };
}

it.each(names)(
  '%s shows the same when all its cells run again',
  async (name) => {
    const notebook = await lab.openPage(`notebooks/${name}`);
    try {
      await notebook.untilIdle();
      const first = await runAll(notebook, 0);
      expect(first.errors).toEqual([]);
      expect(first.shown.map(({ texts }) => texts).join('')).not.toBe('');
      const second = await runAll(notebook, first.length);
      for (const [index, shown] of second.shown.entries()) expect(shown, `cell ${index}`).toEqual(first.shown[index]);
      // Each figure has been drawn.
      if (name !== 'preference-data.ipynb')
        expect(first.shown.flatMap(({ traces }) => traces).length).toBeGreaterThan(0);
    } catch (error) {
      console.error(`what the page showed: ${await notebook.screenshot(name)}`);
      throw error;
    } finally {
      await notebook.close();
    }
  },
  20 * minutes,
);
