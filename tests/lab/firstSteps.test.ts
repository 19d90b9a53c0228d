/**
 * notebooks/first-steps.ipynb as a new user runs it, by the steps of the README: run all, move beta, see the curves redrawn.
 *
 * The README's picture comes from here; CONTRIBUTING.md says how to take it.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { miniatureWorld } from '../../src/datasets/index.js';
import { fromPretrained } from '../../src/model/index.js';
import { collect } from '../../src/preference.js';
import { useBackend } from '../../src/tensor/index.js';
import { train } from '../../src/training/index.js';
import { buildPairs, createWorld } from '../../src/worlds/index.js';
import { drawnIn } from './drawn.js';
import { type Cell, type Lab, type Notebook, patience, startLab } from './labPage.js';

// A browser may have to be installed first, which takes long.
const setUpTimeout = 900_000;
const minutes = 60_000;

let lab: Lab;
let notebook: Notebook;

beforeAll(async () => {
  lab = await startLab({ copies: ['notebooks'] });
  notebook = await lab.openPage();
  await notebook.untilIdle();
}, setUpTimeout);
afterAll(async () => {
  await notebook.close();
  await lab.close();
});

/** The values of each line of a cell's figures, as plotly has drawn them. */
const drawnLines = async (cell: Cell) => (await drawnIn(cell.root)).map(({ y }) => y.map(Number));

/** The margins of the notebook's run at another beta, trained here. */
async function marginsAt(beta: number): Promise<number[]> {
  await useBackend();
  const policy = await fromPretrained(miniatureWorld.policy());
  const pairs = await collect(buildPairs(createWorld(0), 'clair', policy, { count: 64, seed: 0 }));
  const steps = await collect(train(policy, pairs, { objective: 'apo_zero', beta, epochs: 4, learningRate: 1e-4 }));
  policy.dispose();
  return steps.map((step) => step['rewards/margins']);
}

it(
  "the README's first five minutes: all cells run, and moving beta redraws the rewards",
  async () => {
    // The side bar is closed to make room for the notebook.
    await notebook.page.keyboard.press('Control+b');
    await notebook.page.setViewportSize({ width: 1360, height: 1000 });
    await notebook.choose('Run', 'Run All Cells');
    const last = await notebook.cellWith('const beta');
    await expect.poll(() => last.prompt(), { timeout: 5 * minutes }).toBe('[5]:');
    await expect.poll(async () => (await drawnLines(last))[0]?.length, { timeout: patience }).toBe(16);
    const before = JSON.stringify(await drawnLines(last));
    await notebook.page.locator('.widget-slider .noUi-handle').focus();
    await notebook.page.keyboard.press('ArrowRight');
    await expect.poll(async () => JSON.stringify(await drawnLines(last)), { timeout: patience }).not.toBe(before);
    const margins = await marginsAt(0.15);
    await expect
      .poll(
        async () => (await drawnLines(last)).at(-1)!.map((margin, step) => Math.abs(margin - margins[step]!) < 1e-3),
        {
          timeout: patience,
        },
      )
      .toEqual(margins.map(() => true));
    await notebook.screenshot('first-steps');
  },
  15 * minutes,
);
