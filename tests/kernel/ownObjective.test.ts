/** From a blank notebook to an objective of one's own beside DPO: the README's cell, through a real kernel, twice. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { errorOf, KernelProcess, resultOf, textOf, type Answer } from './kernelProcess.js';

const readme = readFileSync(path.join(packageRoot, 'README.md'), 'utf8');
const cells = [...readme.split('<!-- own-objective -->')[1]!.matchAll(/```ts\n(.*?)\n```/gs)].map(([, code]) => code!);
const [compare, grid] = cells as [string, string];

let kernel: KernelProcess;
beforeAll(async () => {
  // As strict as TypeScript gets: the cell must be typed without a cast.
  const folder = await mkdtemp(path.join(tmpdir(), 'apolab-strict-'));
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true } }));
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

interface Drawn {
  readonly data: readonly { readonly name: string; readonly y: readonly number[] }[];
}

function figureOf({ outputs }: Answer): Drawn {
  const shown = outputs.find(({ type }) => type === 'execute_result')!.content.data as Record<string, unknown>;
  return shown['application/vnd.plotly.v1+json'] as Drawn;
}

describe("the README's own objective", () => {
  it('takes at most 15 lines, without a cast', () => {
    expect(compare.split('\n').length).toBeLessThanOrEqual(15);
    expect(cells.join('\n')).not.toMatch(/\bas\b|\bany\b|@ts-/);
  });

  it('is compared with DPO on the same pairs, in a figure; the cell gives the same figure again', async () => {
    const answer = await kernel.execute(compare);
    expect(answer.reply.status, JSON.stringify(answer.outputs)).toBe('ok');
    expect(textOf(answer, 'stderr')).toBe('');
    const { data } = figureOf(answer);
    const [dpo, hinge] = ['DPO', 'hinge'].map((run) => data.find(({ name }) => name === run)!.y);
    for (const y of [dpo!, hinge!]) expect(y.at(-1)).toBeGreaterThan(y[0]!);
    expect(dpo).not.toEqual(hinge);
    expect(figureOf(await kernel.execute(compare))).toEqual({ ...figureOf(answer) });
  });

  it('is a column of the grid', async () => {
    const small = grid.replace(
      'runSettings({',
      'runSettings({ pairCount: 16, epochs: 1, evaluationPrompts: 16, datasets: ["clair"],',
    );
    expect(small).not.toBe(grid);
    const answer = await kernel.execute(small);
    expect(answer.reply.status, JSON.stringify(answer.outputs)).toBe('ok');
    expect(String(resultOf(answer))).toMatch(/DPO +hinge/);
  });
});

describe('in a cell', () => {
  it('a wrong type is an error before the cell runs', async () => {
    const { evalue, ename } = errorOf(
      await kernel.execute("objectives.define({ id: 'one', compute: () => 'no loss' });"),
    );
    expect(`${ename} ${evalue}`).toContain("Type 'string' is not assignable to type 'LossResult'");
  });

  it('the check of a gradient and the figures of an objective are shown', async () => {
    const check = await kernel.execute('await objectives.checkGradient(hinge)');
    expect(String(resultOf(check))).toMatch(/^hinge: the gradient is right; \d+ derivatives compared/);
    for (const figure of ['lossSurface', 'gradientField']) {
      const answer = await kernel.execute(`await charts.${figure}(hinge, { beta: 0.5 })`);
      expect(figureOf(answer).data.length, JSON.stringify(answer.outputs)).toBeGreaterThan(0);
    }
  });

  it('training the same model again is a note on standard error, once', async () => {
    const again =
      'await preference.collect(training.train(policy, pairs, { objective: hinge, maxSteps: 1 })).then(() => 0)';
    expect(textOf(await kernel.execute(again), 'stderr')).toBe('');
    expect(textOf(await kernel.execute(again), 'stderr')).toContain(
      'trained_before: the reference is the model as it is now',
    );
    expect(textOf(await kernel.execute(again), 'stderr')).toBe('');
  });
});
