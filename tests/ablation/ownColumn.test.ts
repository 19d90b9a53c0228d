/** Objectives of one's own as columns of the grid: settings, cells that are trained in this process, files, tables and figures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  formatReport,
  formatTable,
  readGrid,
  runGrid,
  runSettings,
  saveGrid,
  type Grid,
} from '../../src/ablation/index.js';
import type { GridEvent } from '../../src/ablation/index.js';
import { gridHeatmap, rewardCurves, scoreCurves } from '../../src/charts/index.js';
import { objectives } from '../../src/objectives/toolbox.js';
import type { LossFunction } from '../../src/training/index.js';
import { tf } from '../../src/tensor/index.js';

const folder = mkdtempSync(path.join(tmpdir(), 'apolab-own-column-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A variable around the function: it cannot be sent to another process. */
const around = { target: 1 };
const hinge = objectives.define({
  id: 'hinge',
  label: 'Hinge loss',
  compute: ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
    tf.relu(tf.sub(around.target, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios)))),
});
const linear: LossFunction = ({ chosenLogRatios, rejectedLogRatios }) => tf.sub(rejectedLogRatios, chosenLogRatios);

describe('the settings of a run', () => {
  it('take functions, own objectives, rows and names as columns', () => {
    const run = runSettings({ objectives: ['dpo', objectives.apo_zero, 'sigmoid', hinge, linear, hinge] });
    expect(run.objectives).toEqual(['dpo', 'apo_zero', 'hinge', 'linear']);
    expect(run.ownObjectives).toMatchObject([{ id: 'hinge', label: 'Hinge loss' }, { id: 'linear' }]);
    expect(run.learningRates.hinge).toBe(run.learningRates.dpo);
    expect(runSettings({ objectives: [hinge], learningRates: { hinge: 1e-3 } }).learningRates).toEqual({ hinge: 1e-3 });
  });

  it('can be changed again, and name what is known', () => {
    const run = runSettings({ objectives: ['dpo', hinge] });
    expect(runSettings({ ...run, beta: 1 })).toEqual({ ...run, beta: 1 });
    expect(() => runSettings({ ...run, objectives: ['hing'] })).toThrow("did you mean 'hinge'?");
    expect(runSettings().ownObjectives).toBeUndefined();
  });

  it('refuse two functions under one id, and give two objectives two colours', () => {
    const other = objectives.define({ id: 'hinge', compute: linear });
    expect(() => runSettings({ objectives: [hinge, other] })).toThrow("Two columns have the id 'hinge'.");
    const same = objectives.define({ ...hinge, id: 'same' });
    const [first, second] = runSettings({ objectives: [hinge, same] }).ownObjectives!;
    expect(first!.color).toBe(hinge.color);
    expect(second!.color).not.toBe(first!.color);
  });
});

describe('a run with an own column', () => {
  const settings = () =>
    runSettings({
      objectives: ['dpo', hinge],
      datasets: ['clair'],
      pairCount: 48,
      batchSize: 8,
      epochs: 2,
      evaluationPrompts: 16,
      parallel: 2,
      out: path.join(folder, 'run'),
    });
  let grid: Grid;
  let tensors: number;
  beforeAll(async () => {
    grid = await runGrid(settings(), { onEvent: () => undefined });
    tensors = tf.memory().numTensors;
  });

  it('trains every cell, those of own objectives in this process', () => {
    expect(grid.failures).toEqual([]);
    expect(grid.cells.map(({ objective, scores }) => [objective, scores.length])).toEqual([
      ['dpo', 2],
      ['hinge', 2],
    ]);
    const [dpo, own] = grid.cells;
    expect(own!.backend).toBe(dpo!.backend);
    // hinge: 1 - margin while the margin is below 1, so the mean loss of an epoch follows from its mean margin.
    for (const row of own!.history) expect(row.loss).toBeCloseTo(1 - row['rewards/margins']!, 5);
    expect(own!.settings.ownObjective).toEqual({ definition: hinge.definition, defaults: { beta: 0.1 } });
    expect(own!.history[1]!['rewards/margins']).toBeGreaterThan(0);
    expect(tensors).toBeLessThan(100);
  });

  it('trains to the same numbers if the function is written again', async () => {
    const again = await runGrid({ ...settings(), fresh: true, objectives: ['hinge'] }, { onEvent: () => undefined });
    expect(again.cells[0]!.history).toEqual(grid.cells[1]!.history);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('is shown under its label and in its colour', async () => {
    expect(formatTable(grid)).toContain('Hinge loss');
    expect(formatReport(grid)).toContain('<th scope="col">Hinge loss</th>');
    const drawn = [scoreCurves(grid), rewardCurves(grid)].map(({ data }) =>
      data.filter((trace) => (trace as { name: string }).name.startsWith('Hinge loss')),
    );
    for (const traces of drawn) {
      expect(traces.length).toBeGreaterThan(0);
      for (const trace of traces) expect(trace).toMatchObject({ line: { color: hinge.color } });
    }
    expect(gridHeatmap(grid).data[0]).toMatchObject({ x: ['DPO', 'Hinge loss'] });
    const files = await saveGrid(grid);
    expect(readFileSync(files.csv, 'utf8')).toContain('clair,hinge,0,');
    const read = readGrid(files.grid);
    expect(formatTable(read)).toBe(formatTable(grid));
    expect(read.run.ownObjectives).toMatchObject([{ id: 'hinge', definition: hinge.definition }]);
  });

  it('is continued with the same function, and moved aside if the function is another', async () => {
    const events: GridEvent[] = [];
    const out = path.join(folder, 'continued');
    const stop = new AbortController();
    const onEvent = (event: GridEvent) => {
      events.push(event);
      if (event.kind === 'progress' && event.objective === 'hinge') stop.abort();
    };
    const run = { ...settings(), out, objectives: ['hinge'] };
    await expect(runGrid(run, { onEvent, signal: stop.signal })).rejects.toThrow('0 of 1 cells finished');
    const opened = async (one: typeof run) => {
      events.length = 0;
      await runGrid(one, { onEvent: (event) => events.push(event), signal: AbortSignal.abort() }).catch(
        () => undefined,
      );
      return events.find((event) => event.kind === 'opened')!.opened.kind;
    };
    expect(await opened(run)).toBe('continued');
    const [column] = run.ownObjectives!;
    expect(await opened({ ...run, ownObjectives: [{ ...column!, definition: `${column!.definition} ` }] })).toBe(
      'moved',
    );
  });

  it('says so if the function is not known: settings that were read from a file', async () => {
    const read = JSON.parse(JSON.stringify(settings())) as ReturnType<typeof settings>;
    const failed = await runGrid(
      { ...read, out: path.join(folder, 'read'), objectives: ['hinge'] },
      { onEvent: () => undefined },
    );
    expect(failed.failures[0]!.reason).toContain("The function of 'hinge' is not known here");
  });
});
