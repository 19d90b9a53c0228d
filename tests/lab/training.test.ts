/** Training in a real JupyterLab: what is seen of a run while it goes on, the stop button in its middle, and that it continues. */
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { goldenFolder } from '../golden/read.js';
import { type Cell, patience } from './labPage.js';
import { drawnIn, figuresIn } from './drawn.js';
import { notebook } from './openLab.js';

const steps = 200;
const setUp = `const folder = ${JSON.stringify(path.join(goldenFolder, 'tiny-llama'))};
const { pairs } = await preference.readPairs(${JSON.stringify(path.join(goldenFolder, 'pairs.jsonl'))});
const newRun = async () =>
  training.train(await models.fromPretrained(folder), pairs, { objective: 'kto', batchSize: 2, maxSteps: ${steps}, learningRate: 1e-4 });
const run = await newRun();
// A step of this tiny model takes few milliseconds; a person watches slower ones.
const pause = () => new Promise((resolve) => setTimeout(resolve, 30));`;

beforeEach(async () => {
  await notebook.run(0, setUp);
});

/** The bar of a cell. */
async function barOf(cell: Cell) {
  const bar = cell.outputs.locator('progress');
  const output = cell.outputs.filter({ has: notebook.page.locator('progress') });
  return {
    done: Number(await bar.getAttribute('value')),
    total: Number(await bar.getAttribute('max')),
    text: await output.innerText(),
  };
}

/** Resolves when the bar of a running cell has reached a step. */
async function untilStep(cell: Cell, step: number) {
  await expect.poll(async () => (await barOf(cell)).done, { timeout: patience }).toBeGreaterThanOrEqual(step);
}

/** Runs a cell again from its place. */
async function runAgain(cell: Cell) {
  await cell.editor.click();
  await notebook.runSelected();
}

/** Presses the stop button, and waits until the cell has ended. */
async function stop(cell: Cell) {
  await notebook.clickToolbar('interrupt');
  await cell.untilCounted();
}

/** The losses of two runs, as the kernel prints them. */
const sameLosses = `const whole = await newRun();
for await (const step of whole);
const lossesOf = ({ history }: typeof run) => JSON.stringify(history.map(({ loss }) => loss.toPrecision(6)));
console.log('same', lossesOf(run) === lossesOf(whole), run.history.length);`;

describe('a training run in JupyterLab', () => {
  it('shows bar, total, time left, loss, margin and both rewards, live; is stopped, and continues', async () => {
    const cell = await notebook.enter(1, 'for await (const step of progress(run)) await pause();');
    await notebook.runSelected();
    await untilStep(cell, 10);
    const early = await barOf(cell);
    expect(early.total).toBe(steps);
    expect(early.text.replaceAll(/\s+/g, ' ').trim()).toMatch(
      /^\d+\/200 steps, [\d.]+\/s, \d+:\d\d left loss 0\.\d+ margin [-\d.e]+ chosen [-\d.e]+ rejected [-\d.e]+$/,
    );
    await untilStep(cell, early.done + 20);
    expect((await barOf(cell)).text).not.toBe(early.text);
    expect(await cell.prompt()).toBe('[*]:');
    await stop(cell);
    const stopped = await barOf(cell);
    expect(stopped.text).toContain('stopped after');
    expect(stopped.done).toBeLessThan(steps);
    await runAgain(cell);
    await cell.untilStarted();
    await expect.poll(async () => (await barOf(cell)).text, { timeout: patience }).toContain('in all');
    expect((await barOf(cell)).done).toBe(steps);
    await cell.untilCounted();
    await (await notebook.run(2, sameLosses)).untilShown(`same true ${steps}`);
  });

  it('is watched: its curves and answers are redrawn in place while it learns, also after a stop', async () => {
    const code =
      "for await (const step of watch(run, { prompts: ['2 + 2?', 'Hello'], every: 40, maxNewTokens: 4 })) await pause();";
    const cell = await notebook.enter(1, code);
    await notebook.runSelected();
    const points = async () => (await drawnIn(cell.root)).find(({ name }) => name === 'loss, each step')?.x.length ?? 0;
    const seen = new Set<number>();
    // What a person sees: the curves grow again and again, in one element.
    await expect
      .poll(async () => seen.add(await points()).size, { timeout: patience, interval: 50 })
      .toBeGreaterThan(4);
    expect(await cell.prompt()).toBe('[*]:');
    await figuresIn(cell.root)
      .first()
      .evaluate((node) => void ((globalThis as unknown as { drawn: unknown }).drawn = node));
    await untilStep(cell, 60);
    await stop(cell);
    const stopped = await barOf(cell);
    expect(stopped.text).toContain('run this cell again to continue');
    expect(stopped.done).toBeLessThan(steps);
    await expect.poll(points, { timeout: patience }).toBe(stopped.done);
    const kept = await figuresIn(cell.root)
      .first()
      .evaluate((node) => (globalThis as unknown as { drawn: unknown }).drawn === node);
    expect(kept).toBe(true);

    await runAgain(cell);
    await cell.untilStarted();
    await cell.untilCounted();
    expect((await barOf(cell)).done).toBe(steps);
    await expect.poll(points, { timeout: patience }).toBe(steps);
    expect(await cell.outputs.count()).toBe(3);
    expect(await cell.text()).toContain('2 + 2?');
    expect(await cell.text()).toMatch(/step\w* [\d\u2013 ,]*200/);
    // The drawn losses are the history's.
    const printed = await notebook.run(2, 'console.log(JSON.stringify(run.history.map(({ loss }) => loss)))');
    await printed.untilShown(']');
    const drawn = (await drawnIn(cell.root)).find(({ name }) => name === 'loss, each step')!;
    expect(drawn.y).toEqual(JSON.parse(await printed.text()));
    await (await notebook.run(3, sameLosses)).untilShown(`same true ${steps}`);
  });

  it('is a short table with curves as the last value of a cell, and takes a function as its objective', async () => {
    const code = `const own = training.train(await models.fromPretrained(folder), pairs, {
  batchSize: 2, maxSteps: 4,
  objective: ({ chosenLogRatios, rejectedLogRatios }) => tf.neg(tf.sub(chosenLogRatios, rejectedLogRatios)),
});
for await (const step of own);
own`;
    const cell = await notebook.run(1, code);
    await cell.outputs.locator('table').first().waitFor();
    const text = await cell.text();
    expect(text).toContain('loss');
    expect(text).toContain('4');
    expect(text.length).toBeLessThan(2_000);
    expect(text).not.toContain('vocab');
  });
});
