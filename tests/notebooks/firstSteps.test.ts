/** notebooks/first-steps.ipynb runs from top to bottom in the kernel, and says and shows what is so (twice.test.ts runs it again). */
import { beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../../src/objectives/catalog.js';
import { miniatureWorld } from '../../src/datasets/index.js';
import { fromPretrained } from '../../src/model/index.js';
import { useBackend } from '../../src/tensor/index.js';
import { grade } from '../../src/worlds/village/checker.js';
import { hardPrompts } from '../../src/worlds/village/splits.js';
import { createWorld } from '../../src/worlds/village/world.js';
import { type ExecutedNotebook, expectCleanRun, outputsOf, runNotebook, shownBy } from './runNotebook.js';

interface Line {
  readonly name: string;
  readonly y: readonly number[];
}

const plotly = 'application/vnd.plotly.v1+json';
let notebook: ExecutedNotebook;

beforeAll(async () => {
  notebook = await runNotebook('first-steps.ipynb');
});

/** The rows of a table's plain text: columns are at least two spaces apart. */
const rowsOf = (text: string) => text.split('\n').map((line) => line.trim().split(/\s{2,}/));

describe('notebooks/first-steps.ipynb', () => {
  it('is kept without outputs, and runs every cell once, in order, with no output on standard error', () => {
    expectCleanRun(notebook);
  });

  it('marks right and wrong answers as the checker does', async () => {
    const world = createWorld(0);
    const prompts = hardPrompts(world, 'test', 6);
    await useBackend();
    const policy = await fromPretrained(miniatureWorld.policy());
    const responses = await policy.generate(prompts);
    policy.dispose();
    const marks = prompts.map((prompt, index) => (grade(world, prompt, responses[index]!).correct ? 'right' : 'wrong'));
    expect(new Set(marks)).toEqual(new Set(['right', 'wrong']));
    const rows = rowsOf(shownBy(notebook, 'world.hardPrompts', 'text/plain')).slice(-6);
    expect(rows.map((row) => row.at(-1))).toEqual(marks);
    for (const [index, row] of rows.entries()) expect(row.at(-2)!.slice(0, 20)).toBe(responses[index]!.slice(0, 20));
  });

  it('shows pairs as differences', () => {
    const html = shownBy(notebook, 'preference.showPairs', 'text/html');
    expect(html).toMatch(/<del>[^<]+<\/del>/);
    expect(html).toMatch(/<ins>[^<]+<\/ins>/);
  });

  it('prints the first loss of each objective as its text explains them', () => {
    const rows = rowsOf(shownBy(notebook, 'firstLosses', 'text/plain'));
    const text = notebook.cells.map(({ source }) => source.join('')).find((source) => source.includes('| loss'))!;
    const explained = new Map<string, string>();
    for (const line of text.split('\n').filter((each) => each.startsWith('|')).slice(2)) {
      const [, value, labels] = line.split('|').map((cell) => cell.trim());
      for (const label of labels!.split(', ')) explained.set(label, value!);
    }
    const closedForms: Record<string, number> = {
      '0.693 = ln 2': Math.LN2,
      '1.386 = 2 ln 2': 2 * Math.LN2,
      '1': 1,
      '0.5': 0.5,
      '25': 25,
    };
    const labels = Object.values(catalog).map(({ label }) => label);
    expect([...explained.keys()].sort()).toEqual([...labels].sort());
    for (const label of labels) {
      const row = rows.find((cells) => cells.includes(label))!;
      const loss = Number(row[row.indexOf(label) + 1]);
      const expected = closedForms[explained.get(label)!];
      if (expected === undefined) expect(catalog[idOf(label)].needsReference, label).toBe(false);
      else expect(loss, label).toBeCloseTo(expected, 3);
    }
  });

  it('draws the losses and the rewards of both objectives', () => {
    const figures = outputsOf(notebook, 'const recipe').map(({ data }) => data?.[plotly] as { data: Line[] });
    expect(figures.map(({ data }) => [...new Set(data.map(({ name }) => name))])).toEqual(
      figures.map(() => ['DPO', 'APO-zero']),
    );
    const [losses, chosen, rejected] = figures.map(({ data }) => data.map(({ y }) => y));
    // Both begin at the losses that the text explains, without rewards, and end with a chosen reward above the rejected one.
    expect(losses!.map(([first]) => first!.toFixed(3))).toEqual(['0.693', '1.000']);
    for (const [index, line] of chosen!.entries()) {
      expect([line[0], rejected![index]![0]]).toEqual([0, 0]);
      expect(line.at(-1)!).toBeGreaterThan(rejected![index]!.at(-1)!);
    }
  });
});

const idOf = (label: string) => {
  const found = Object.entries(catalog).find(([, entry]) => entry.label === label);
  return found![0] as keyof typeof catalog;
};
