/** A grid beside the paper: the published numbers, and its claims. All of these tests use one grid of the stand-in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { besidePaper, formatBesidePaper, knownNumbers } from '../../src/ablation/report/besidePaper.js';
import { compareWithPaper } from '../../src/ablation/report/claims.js';
import type { Grid } from '../../src/ablation/grid.js';
import { formatReport } from '../../src/ablation/report/report.js';
import { runGrid } from '../../src/ablation/run/runGrid.js';
import { jupyterDisplay } from '../../src/core/display.js';
import { paper } from '../../src/datasets/index.js';
import { prepareStandIn, standInCell, standInRun } from './standIn/prepare.js';

let folder: string;
let grid: Grid;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'apolab-beside-paper-'));
  vi.stubEnv('STAND_IN_LOG', path.join(folder, 'started.log'));
  const run = standInRun(path.join(folder, 'run'));
  grid = await runGrid(run, { prepare: prepareStandIn, entry: standInCell, onEvent: () => undefined });
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the numbers beside the paper', () => {
  test('says first what is known of the paper, and shows those numbers beside its own', () => {
    const page = formatReport(grid);
    const section = page.slice(page.indexOf('<h2>Beside the paper</h2>'));
    const [, first] = /<p>([\s\S]*?)<\/p>/.exec(section)!;
    expect(first).toBe(
      'Known from the paper (MixEval-Hard, Llama-3-8B-Instruct, points against the base model): CLAIR x APO-zero has a max change of +7.65. No source gives the other 19 of the 20 cells. 3 more numbers are published without a cell.',
    );
    const table = section.slice(0, section.indexOf('</table>'));
    const texts = [...table.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, content]) => content!.trim());
    const own = grid.cells.find(({ dataset, objective }) => dataset === 'clair' && objective === 'apo_zero')!;
    expect(texts.slice(0, 2)).toEqual(['+7.65', `+${own.maxChange.toFixed(1)} / +${own.meanChange.toFixed(1)}`]);
    // No source says which cells these are, so nothing of this run is beside them.
    const [, ...unplaced] = Array.from({ length: 4 }, (_, row) => texts.slice(3 * row, 3 * row + 2));
    expect(unplaced).toEqual([
      ['+3.99', ''],
      ['+2.44', ''],
      ['-5.00 / -6.94', ''],
    ]);
  });

  test('are the published ones, and are empty for a cell that this run lacks', () => {
    const without = { ...grid, cells: grid.cells.filter(({ dataset }) => dataset !== 'clair') };
    expect(knownNumbers(grid)[0]!.published).toEqual({ max: 7.65, mean: null });
    expect(knownNumbers(without)[0]!.here).toBeNull();
    expect(formatBesidePaper(without)).toMatch(/^CLAIR x APO-zero +\+7\.65$/m);
    expect(paper.published().unplaced.map(({ maxChange }) => maxChange)).toEqual([3.99, 2.44, -5]);
  });

  test('are a table in a notebook', () => {
    const shown = besidePaper(grid)[jupyterDisplay]();
    expect(shown['text/plain']).toBe(formatBesidePaper(grid));
    expect(shown['text/html']).toContain('read in the abstract (32K CLAIR preferences with APO)');
  });
});

describe('the comparison with the paper', () => {
  test('decides only if the interval does not contain zero', () => {
    const [datasets, objectives] = compareWithPaper(grid);
    expect(datasets!.comparisons).toHaveLength(15);
    expect(objectives!.comparisons).toHaveLength(12);
    for (const { difference, verdict } of [...datasets!.comparisons, ...objectives!.comparisons]) {
      const { low, high } = difference!.mean.interval!;
      expect(verdict).toBe(low > 0 ? 'agrees' : high < 0 ? 'disagrees' : 'undecided');
    }
  });

  test('finds a planted difference with its sign', () => {
    const [datasets] = compareWithPaper(grid);
    const planted = datasets!.comparisons.find(
      ({ row, column }) => row === 'Stronger Preferred' && column === 'APO-zero',
    );
    expect(planted!.verdict).toBe('agrees');
    expect(planted!.difference!.mean.value).toBeGreaterThan(5);
    const swapped = { clair: 'stronger_preferred', stronger_preferred: 'clair' } as const;
    const cells = grid.cells.map((cell) =>
      cell.dataset in swapped ? { ...cell, dataset: swapped[cell.dataset as keyof typeof swapped] } : cell,
    );
    const [reversed] = compareWithPaper({ ...grid, cells });
    const mirrored = reversed!.comparisons.find(
      ({ row, column }) => row === 'Stronger Preferred' && column === 'APO-zero',
    );
    expect(mirrored!.verdict).toBe('disagrees');
  });
});

describe('two cells with the same answers', () => {
  test('are identical, not undecided, and the report says so', () => {
    const zero = grid.cells.find(({ dataset, objective }) => dataset === 'clair' && objective === 'apo_zero')!;
    const cells = grid.cells.map((cell) =>
      cell.dataset === 'clair' && cell.objective === 'kto' ? { ...zero, objective: cell.objective } : cell,
    );
    const same = { ...grid, cells };
    const kto = compareWithPaper(same)[1]!.comparisons.find(({ row, column }) => row === 'CLAIR' && column === 'KTO');
    expect(kto).toMatchObject({
      verdict: 'identical',
      difference: { mean: { value: 0, interval: { low: 0, high: 0 } } },
    });
    expect(formatReport(same)).toContain('<span class="identical">identical here</span>');
    expect(formatReport(same)).toContain('<span class="identical">1 identical here</span>');
    // One other answer, and they are not identical any more, although the interval still holds zero.
    const [first, ...others] = zero.itemScores;
    const changed = { ...zero, itemScores: [first!.map((score, item) => (item === 0 ? 1 - score : score)), ...others] };
    const nearly = { ...same, cells: cells.map((cell) => (cell === zero ? changed : cell)) };
    const comparison = compareWithPaper(nearly)[1]!.comparisons.find(
      (one) => one.row === 'CLAIR' && one.column === 'KTO',
    );
    expect(comparison!.verdict).toBe('undecided');
  });
});
