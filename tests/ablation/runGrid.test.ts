/** Runs of the grid with real processes and a stand-in for the trainer: what is kept, reused, retried and reported. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { folderHash, type TrainedCell } from '../../src/ablation/cell/cellStore.js';
import type { Grid } from '../../src/ablation/grid.js';
import type { GridEvent } from '../../src/ablation/run/gridEvents.js';
import { runGrid, RunInterruptedError, type GridOptions } from '../../src/ablation/run/runGrid.js';
import { readGrid, saveGrid } from '../../src/ablation/run/saveGrid.js';
import { hash } from '../../src/core/hash.js';
import { packageVersion } from '../../src/core/packageRoot.js';
import { prepareStandIn, standInCell, standInRun } from './standIn/prepare.js';

let folder: string;
let out: string;
let log: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'apolab-grid-'));
  out = path.join(folder, 'run');
  log = path.join(folder, 'started.log');
  writeFileSync(log, '');
  vi.stubEnv('STAND_IN_LOG', log);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const started = () => readFileSync(log, 'utf8').trim().split('\n').filter(Boolean);
const options = (more: GridOptions = {}): GridOptions => ({
  prepare: prepareStandIn,
  entry: standInCell,
  onEvent: () => undefined,
  ...more,
});
const small = { datasets: ['clair', 'judge_on_policy'], objectives: ['dpo', 'apo_zero'] } as const;
const numbers = (grid: Grid) =>
  grid.cells.map(({ scores, maxChange, meanChange }) => ({ scores, maxChange, meanChange }));

describe('a run', () => {
  test('trains every cell once, in the order of the table', async () => {
    const grid = await runGrid(standInRun(out), options());
    expect(started()).toHaveLength(20);
    expect(grid.cells.map(({ dataset, objective }) => `${dataset}/${objective}`)).toEqual(
      ['clair', 'judge_on_policy', 'judge_off_policy', 'stronger_preferred'].flatMap((dataset) =>
        ['sft', 'dpo', 'kto', 'apo_zero', 'apo_down'].map((objective) => `${dataset}/${objective}`),
      ),
    );
    expect(grid.failures).toEqual([]);
    for (const { scores, maxChange, meanChange, maxInterval, meanInterval } of grid.cells) {
      expect(scores).toHaveLength(3);
      expect(maxChange).toBeCloseTo(Math.max(...scores) - grid.base.score, 9);
      expect(meanChange).toBeCloseTo((scores[0]! + scores[1]! + scores[2]!) / 3 - grid.base.score, 9);
      expect(maxInterval.low).toBeLessThanOrEqual(maxInterval.high);
      expect(meanInterval.low).toBeLessThanOrEqual(meanChange);
      expect(meanInterval.high).toBeGreaterThanOrEqual(meanChange);
    }
  });

  test('gives the same numbers for the same seed, with any number of parallel cells, and others for another seed', async () => {
    const grid = await runGrid(standInRun(out, small), options());
    const again = await runGrid(standInRun(path.join(folder, 'again'), { ...small, parallel: 1 }), options());
    expect(numbers(again)).toEqual(numbers(grid));
    const other = await runGrid(standInRun(path.join(folder, 'other'), { ...small, seed: 1 }), options());
    expect(numbers(other)).not.toEqual(numbers(grid));
  });

  test('of several seeds scores a base for each', async () => {
    const grid = await runGrid(standInRun(out, { ...small, seed: 4, seeds: 2 }), options());
    expect(grid.base.seeds.map(({ seed }) => seed)).toEqual([4, 5]);
    expect(grid.base.score).toBeCloseTo((grid.base.seeds[0]!.score + grid.base.seeds[1]!.score) / 2, 9);
    expect(grid.cells).toHaveLength(8);
    expect(grid.cells.map(({ seed, baseScore }) => [seed, baseScore])).toEqual(
      grid.base.seeds.flatMap(({ seed, score }) => Array.from({ length: 4 }, () => [seed, score])),
    );
  });
});

describe('an interrupted run', () => {
  test('keeps finished cells, says so, and the next one trains only the others', async () => {
    vi.stubEnv('STAND_IN_DELAY', '60');
    const abort = new AbortController();
    const messages: string[] = [];
    let finished = 0;
    const onEvent = (event: GridEvent) => {
      if (event.kind === 'finished' && ++finished === 2) abort.abort();
      if (event.kind === 'stopped') messages.push(event.message);
    };
    const stopped = runGrid(standInRun(out, small), options({ onEvent, signal: abort.signal }));
    await expect(stopped).rejects.toThrow(RunInterruptedError);
    await expect(stopped).rejects.toThrow(
      /with [23] of 4 cells finished; what is finished is kept in .*run\. Run the same/,
    );
    expect(messages).toHaveLength(1);
    const kept = readdirSync(path.join(out, 'cells'));
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(kept.length).toBeLessThan(4);

    vi.stubEnv('STAND_IN_DELAY', '0');
    writeFileSync(log, '');
    const events: GridEvent[] = [];
    const grid = await runGrid(standInRun(out, small), options({ onEvent: (event) => events.push(event) }));
    expect(events[0]).toMatchObject({ kind: 'opened', opened: { kind: 'continued' } });
    expect(events).toContainEqual({ kind: 'started', reused: kept.length, total: 4 });
    expect(started()).toHaveLength(4 - kept.length);
    expect(grid.cells).toHaveLength(4);

    const whole = await runGrid(standInRun(path.join(folder, 'whole'), small), options());
    expect(numbers(grid)).toEqual(numbers(whole));
  });

  test('whose process was killed leaves no running cell and is continued', async () => {
    const script = fileURLToPath(new URL('standIn/run.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, out], {
      env: { ...process.env, STAND_IN_DELAY: '400' },
      stdio: 'ignore',
    });
    const cells = path.join(out, 'cells');
    while (!existsSync(cells) || started().length < 4) await sleep(50);
    child.kill('SIGKILL');
    const pids = started().map((line) => Number(line.split(' ')[1]));
    while (pids.some(isAlive)) await sleep(100);

    const kept = readdirSync(cells).filter((file) => file.endsWith('.json'));
    expect(kept.length).toBeGreaterThanOrEqual(1);
    writeFileSync(log, '');
    const grid = await runGrid(standInRun(out, { ...small, epochs: 4 }), options());
    expect(started()).toHaveLength(4 - kept.length);
    expect(grid.cells).toHaveLength(4);
  });

  test('does not reuse cells whose pairs have changed', async () => {
    const run = standInRun(out, small);
    await runGrid(run, options());
    writeFileSync(log, '');
    await runGrid(
      run,
      options({
        prepare: async (settings, onProgress) => {
          const prepared = await prepareStandIn(settings, onProgress);
          writeFileSync(prepared.pairs.clair!.file, '{"prompt":"other","chosen":"c","rejected":"r"}\n');
          return prepared;
        },
      }),
    );
    expect(started().map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['clair/dpo', 'clair/apo_zero']) as string[],
    );
    expect(started()).toHaveLength(2);
  });

  test('is stopped before its first cell if the signal was aborted before', async () => {
    const stopped = runGrid(standInRun(out, small), options({ signal: AbortSignal.abort() }));
    await expect(stopped).rejects.toThrow(/before its first cell/);
    expect(started()).toEqual([]);
  });
});

describe('files of apolab 0.1.0, with answers as text', () => {
  const asText = (itemScores: readonly number[]) => itemScores.join('');

  test('are trained again if they are cells', async () => {
    const run = standInRun(out, small);
    const grid = await runGrid(run, options());
    const policyHash = folderHash(path.join(out, 'policy'));
    for (const file of readdirSync(path.join(out, 'cells'))) {
      const stored = path.join(out, 'cells', file);
      const { cell } = JSON.parse(readFileSync(stored, 'utf8')) as { cell: TrainedCell };
      const { itemScores, ...result } = cell.result;
      // 0.1.0 hashed the base's answers as one text, and everything else as now.
      const contents = { ...result.settings, policy: policyHash, pairs: hash(readFileSync(result.settings.pairs)) };
      const key = hash(packageVersion, JSON.stringify(contents), asText(grid.base.seeds[0]!.itemScores));
      const old = { ...cell, result: { ...result, correct: itemScores.map(asText) } };
      writeFileSync(stored, JSON.stringify({ key, cell: old }));
    }
    writeFileSync(log, '');
    const again = await runGrid(run, options());
    expect(started()).toHaveLength(4);
    expect(numbers(again)).toEqual(numbers(grid));
  });

  test('are refused with what to do if they are grids', async () => {
    const grid = await runGrid(standInRun(out, small), options());
    const seeds = grid.base.seeds.map(({ itemScores, ...seed }) => ({ ...seed, correct: asText(itemScores) }));
    const file = path.join(folder, 'grid.json');
    writeFileSync(file, JSON.stringify({ ...grid, base: { ...grid.base, seeds } }));
    expect(() => readGrid(file)).toThrow(
      /grid\.json was written by apolab 0\.1\.0.*Run the grid again: npm run reproduce\./,
    );
    writeFileSync(file, '{}');
    expect(() => readGrid(file)).toThrow(/grid\.json is not a grid; npm run reproduce writes one\./);
  });
});

describe('a failing cell', () => {
  test('is tried once more', async () => {
    vi.stubEnv('STAND_IN_FAIL', 'clair/dpo:1');
    const events: GridEvent[] = [];
    const grid = await runGrid(standInRun(out, small), options({ onEvent: (event) => events.push(event) }));
    expect(grid.failures).toEqual([]);
    expect(grid.cells).toHaveLength(4);
    const retried = events.filter((event) => event.kind === 'retried');
    expect(retried).toMatchObject([{ dataset: 'clair', objective: 'dpo' }]);
    expect(retried[0]!.reason).toContain('the stand-in fails at attempt 1');
  });

  test('that fails twice is reported with its error, the others are trained, and the next run tries it again', async () => {
    vi.stubEnv('STAND_IN_FAIL', 'clair/dpo:2');
    const run = standInRun(out, small);
    const grid = await runGrid(run, options());
    expect(grid.failures).toMatchObject([{ dataset: 'clair', objective: 'dpo', seed: 0 }]);
    expect(grid.failures[0]!.reason).toContain('exit code 1');
    expect(grid.failures[0]!.reason).toContain('the stand-in fails at attempt 2');
    expect(grid.cells.map(({ objective }) => objective)).toEqual(['apo_zero', 'dpo', 'apo_zero']);
    await saveGrid(grid);

    vi.stubEnv('STAND_IN_FAIL', '');
    writeFileSync(log, '');
    const whole = await runGrid(run, options());
    expect(started()).toHaveLength(1);
    expect(whole.cells).toHaveLength(4);
  });

  test('whose package was deleted says so in one sentence, without a stack', async () => {
    const entry = path.join(folder, 'cell.mjs');
    writeFileSync(entry, "import 'a-package-that-is-gone';\n");
    const { failures } = await runGrid(
      standInRun(out, { datasets: ['clair'], objectives: ['dpo'] }),
      options({ entry }),
    );
    expect(failures).toMatchObject([
      {
        reason: expect.stringMatching(
          /^A file of the installation is gone \(Cannot find package 'a-package-that-is-gone' .*\)\. Run the command again: it sets up what is missing\.$/,
        ) as string,
      },
    ]);
  });
});

describe('the run folder', () => {
  const runs = () => readdirSync(folder).filter((name) => name.startsWith('run'));

  test('moves a finished run aside with all its files, and trains again', async () => {
    const run = standInRun(out, small);
    const first = await runGrid(run, options());
    await saveGrid(first);
    writeFileSync(log, '');
    const events: GridEvent[] = [];
    await runGrid(run, options({ onEvent: (event) => events.push(event) }));
    expect(started()).toHaveLength(4);
    expect(runs()).toHaveLength(2);
    const opened = events[0] as Extract<GridEvent, { kind: 'opened' }>;
    if (opened.opened.kind !== 'moved') throw new Error(`the run was ${opened.opened.kind}`);
    expect(opened.opened.why).toBe('held a finished run');
    const moved = JSON.parse(readFileSync(path.join(opened.opened.to, 'grid.json'), 'utf8')) as Grid;
    expect(moved.finishedAt).toBe(first.finishedAt);
    expect(path.basename(opened.opened.to)).toContain(first.finishedAt.slice(0, 10));
  });

  test('moves an unfinished run of other settings aside', async () => {
    await runGrid(standInRun(out, small), options());
    const events: GridEvent[] = [];
    await runGrid(standInRun(out, { ...small, beta: 1 }), options({ onEvent: (event) => events.push(event) }));
    expect(events[0]).toMatchObject({
      opened: { kind: 'moved', why: 'held an unfinished run of other settings' },
    });
    expect(runs()).toHaveLength(2);
  });

  test('continues with another number of parallel cells, and starts again with `fresh`', async () => {
    await runGrid(standInRun(out, small), options());
    writeFileSync(log, '');
    await runGrid(standInRun(out, { ...small, parallel: 1 }), options());
    expect(started()).toEqual([]);
    await runGrid(standInRun(out, { ...small, fresh: true }), options());
    expect(started()).toHaveLength(4);
  });

  test('leaves files that do not belong to a run', async () => {
    await runGrid(standInRun(out, small), options());
    writeFileSync(path.join(folder, 'notes.txt'), 'mine');
    const grid = await runGrid(standInRun(folder, small), options());
    expect(grid.cells).toHaveLength(4);
    expect(readFileSync(path.join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; its new parent has not yet reaped it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
