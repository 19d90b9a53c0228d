import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { MimeBundle } from '../../src/core/display.js';
import { statusType } from '../../src/core/liveDisplay.js';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { printEvents, type GridEvent } from '../../src/ablation/run/gridEvents.js';
import { formatDuration, formatInterval, signed } from '../../src/ablation/report/numbers.js';
import { learningRate, parsePairsOption, runSettings, type RunSettings } from '../../src/ablation/run/runSettings.js';
import { miniatureWorld, hub, paper } from '../../src/datasets/index.js';
import { objectiveIds, objectives } from '../../src/objectives/index.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { gridDatasetIds, gridObjectiveIds } from '../../src/datasets/paper.js';
import { catalog } from '../../src/objectives/catalog.js';
import { builderIds } from '../../src/builders/catalog.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

const learningRates = { sft: 1e-4, dpo: 1e-4, kto: 1e-4, apo_zero: 1e-4, apo_down: 1e-4 };
const settings = (changes: Partial<RunSettings> = {}) => runSettings({ learningRates, ...changes });

describe('run settings', () => {
  test('are the quick preset over the whole grid', () => {
    expect(settings()).toMatchObject({
      preset: 'quick',
      seed: 0,
      seeds: 1,
      beta: 0.1,
      datasets: gridDatasetIds,
      objectives: gridObjectiveIds,
      out: path.join(packageRoot, 'results', 'quick-seed0'),
    });
    expect(settings({ preset: 'full', seed: 3 })).toMatchObject({
      epochs: 18,
      seeds: 3,
      out: path.join(packageRoot, 'results', 'full-seed3'),
    });
  });

  test("take the command line's values before the notebook's", () => {
    vi.stubEnv('APOLAB_RUN', JSON.stringify({ beta: 1, seed: 7 }));
    expect(settings({ beta: 0.5, epochs: 2 })).toMatchObject({ beta: 1, seed: 7, epochs: 2 });
    vi.stubEnv('APOLAB_RUN', '{not json');
    expect(() => settings()).toThrow(/APOLAB_RUN must hold/);
  });

  test.each([
    [{ preset: 'quik' as never }, /'quik' is not a known preset; did you mean 'quick'\? Known: quick, full\./],
    [{ datasets: ['clare' as never] }, /'clare' is not a known dataset; did you mean 'clair'\?/],
    [{ objectives: ['apo-zero' as never] }, /'apo-zero' is not a known objective; did you mean 'apo_zero'\?/],
    [{ beta: 0 }, /beta must be a number above 0, but is 0/],
    [{ beta: Number.NaN }, /beta must be a number above 0, but is NaN/],
    [{ preset: 'x' as never }, /'x' is not a known preset\. Known: quick, full\./],
    [{ seed: -1 }, /seed must be a whole number from 0 to 9007199254740991, but is -1/],
    [{ seed: 1e20 }, /seed must be a whole number from 0 to/],
    [{ epochs: 1.5 }, /epochs must be a whole number of at least 1, but is 1.5/],
    [{ parallel: 0 }, /parallel must be/],
    [{ pairs: { clair: tmpdir() } }, /The pairs for clair are not there: .* is a folder; give a JSONL file/],
    [{ pairs: { clair: '/no/such.jsonl' } }, /The pairs for clair are not there: no file \/no\/such\.jsonl/],
  ] as const)('%j are refused with what to do instead', (changes, message) => {
    expect(() => settings(changes)).toThrow(message);
  });

  test('have a learning rate for every objective, or say how to give one', () => {
    expect(learningRate(settings(), 'kto')).toBe(1e-4);
    expect(() => settings({ objectives: ['apo_zero_unpaired'] })).toThrow(
      /No learning rate for apo_zero_unpaired: .*tuning\.json/,
    );
  });
});

describe('columns', () => {
  test('are any objectives of the catalog that have a learning rate', () => {
    const rates = { ipo: 1e-4, simpo: 1e-4 };
    const { objectives: columns } = runSettings({ objectives: ['ipo', 'simpo'], learningRates: rates });
    expect(columns).toEqual(['ipo', 'simpo']);
  });

  test("may be given by TRL's names; one that is given twice is one column", () => {
    expect(settings({ objectives: ['sigmoid', 'apo_zero', 'dpo'] as never }).objectives).toEqual(['dpo', 'apo_zero']);
  });
});

describe('--pairs', () => {
  test('names a dataset and a file, which may hold an equals sign', () => {
    expect(parsePairsOption('clair=a=b.jsonl')).toEqual({ clair: path.resolve('a=b.jsonl') });
    expect(() => parsePairsOption('mine.jsonl')).toThrow(/write DATASET=FILE/);
    expect(() => parsePairsOption('clair=')).toThrow(/write DATASET=FILE/);
    expect(() => parsePairsOption('judge_onpolicy=x')).toThrow(/did you mean 'judge_on_policy'/);
  });
});

describe('what is in datasets/', () => {
  test('is found from any working directory', () => {
    expect(existsSync(paper.published().cells.length > 0 ? path.join(packageRoot, 'datasets', 'paper') : '')).toBe(
      true,
    );
    expect(miniatureWorld.policy(2)).toBe(path.join(packageRoot, 'datasets', 'miniature-world', 'policy-2'));
    expect(Object.keys(hub)).toEqual([...gridDatasetIds]);
  });

  test('has only published numbers with a source', () => {
    for (const { source } of [...paper.published().cells, ...paper.published().unplaced])
      expect(source.length).toBeGreaterThan(20);
  });
});

describe('labels', () => {
  test("are the objectives' own and name every dataset", () => {
    expect(objectiveIds.map((id) => catalog[id].label)).toEqual(objectiveIds.map((id) => objectives[id].label));
    expect(builderIds).toEqual([...gridDatasetIds]);
  });
});

describe('numbers', () => {
  test('have their sign, and zero has none', () => {
    expect([3.44, -0.56, 0.04, -0.04].map(signed)).toEqual(['+3.4', '-0.6', '0.0', '0.0']);
    expect(formatInterval({ low: -1, high: 2.25 })).toBe('[-1.0, +2.3]');
    expect([59.6, 125, 3720].map(formatDuration)).toEqual(['1 min 0 s', '2 min 5 s', '1 h 2 min']);
  });
});

describe('the progress of a run', () => {
  const written = (events: readonly GridEvent[]) => {
    let text = '';
    let time = 0;
    const show = printEvents({ write: (more) => (text += more), now: () => (time += 1000) });
    events.forEach(show);
    return text;
  };
  const cell = { dataset: 'clair', objective: 'apo_zero', seed: 0 } as const;

  test('prints a line for each finished cell and a status line for those in training', () => {
    const text = written([
      { kind: 'opened', folder: path.resolve('results/x'), opened: { kind: 'new', startedAt: '' } },
      { kind: 'started', reused: 3, total: 20 },
      { kind: 'progress', ...cell, progress: { step: 6, steps: 12, epoch: 2, epochs: 4 } },
      { kind: 'finished', ...cell, maxChange: 7.65, meanChange: -0.2 },
    ]);
    const [folder, started, last] = text.split('\n');
    expect(folder).toBe('Run folder: results/x');
    expect(started).toBe('Training 20 cells; 3 are already finished.');
    const [, status, blank, done] = last!.split('\r');
    expect(status).toMatch(/^cells \[[#-]+\] 0\.5\/17 .* CLAIR x APO-zero 2\/4/);
    expect(blank!.trim()).toBe('');
    expect(done).toMatch(/^ +4\/20 {2}CLAIR x APO-zero +max {2}\+7\.7 {2}mean {2}-0\.2$/);
  });

  test('in a notebook shows the bar, and epoch, loss, margin and rewards of the cells in training, in one output', () => {
    let [text, time] = ['', 0];
    const shown: MimeBundle[] = [];
    const metrics = { loss: 0.61234, margin: 0.2, chosen: 0.15, rejected: -0.05 };
    const show = printEvents({
      write: (more) => (text += more),
      now: () => (time += 1000),
      live: (bundle) => shown.push(bundle),
    });
    const other = { ...cell, objective: 'dpo' } as const;
    const events: readonly GridEvent[] = [
      { kind: 'started', reused: 3, total: 20 },
      { kind: 'progress', ...cell, progress: { step: 6, steps: 12, epoch: 2, epochs: 4, metrics } },
      { kind: 'progress', ...other, progress: { step: 3, steps: 12, epoch: 1, epochs: 4, metrics } },
      { kind: 'finished', ...cell, maxChange: 7.65, meanChange: -0.2 },
    ];
    events.forEach(show);
    expect(text).not.toContain('\r');
    const [bar, ...rows] = String(shown[1]!['text/plain']).split('\n');
    expect(bar).toMatch(/^cells \[[#-]+\] 0\.8\/17 {2}.*\/min|s.* left$/);
    expect(rows).toEqual([
      'CLAIR x APO-zero  epoch 2/4  loss 0.612  margin 0.200  chosen 0.150  rejected -0.050',
      'CLAIR x DPO       epoch 1/4  loss 0.612  margin 0.200  chosen 0.150  rejected -0.050',
    ]);
    expect(shown[1]![statusType]).toBe(shown[1]!['text/plain']);
    expect(shown.at(-1)!['text/html']).toMatch(/ 1\.3\/17 .*<table><tr><td>CLAIR x DPO<\/td>/);
  });

  test('shows every skipped row of a file with its line and reason', () => {
    const skipped = [
      { line: 4, reason: '"chosen" is missing' },
      { line: 9, reason: 'no JSON' },
    ];
    const pairs = [
      { dataset: 'clair', seed: 0, source: 'mine.jsonl', file: '', count: 48, skipped, jaccard: 1, levenshtein: 0 },
    ] as const;
    expect(
      written([{ kind: 'prepared', seed: 0, base: 50, pairs }])
        .split('\n')
        .slice(1, 4),
    ).toEqual([
      '  CLAIR                48 pairs from mine.jsonl, 2 skipped',
      '    line 4: "chosen" is missing',
      '    line 9: no JSON',
    ]);
  });
});
