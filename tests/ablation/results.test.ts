/** The files of a finished run: table, CSV, JSON, report. All of these tests use one grid of the stand-in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Script } from 'node:vm';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { besidePaper, formatBesidePaper, knownNumbers } from '../../src/ablation/report/besidePaper.js';
import { compareWithPaper } from '../../src/ablation/report/claims.js';
import type { Grid } from '../../src/ablation/grid.js';
import { runGrid } from '../../src/ablation/run/runGrid.js';
import { readGrid, saveGrid } from '../../src/ablation/run/saveGrid.js';
import { formatReport } from '../../src/ablation/report/report.js';
import { summarize } from '../../src/ablation/report/summary.js';
import { formatCsv, formatTable, gridRows } from '../../src/ablation/report/table.js';
import * as charts from '../../src/charts/index.js';
import { paper } from '../../src/datasets/index.js';
import { jupyterDisplay, type Displayable } from '../../src/core/display.js';
import { prepareStandIn, standInCell, standInRun } from './standIn/prepare.js';

let folder: string;
let grid: Grid;
let files: Awaited<ReturnType<typeof saveGrid>>;
let page: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'apolab-results-'));
  vi.stubEnv('STAND_IN_LOG', path.join(folder, 'started.log'));
  const run = standInRun(path.join(folder, 'run'));
  grid = await runGrid(run, { prepare: prepareStandIn, entry: standInCell, onEvent: () => undefined });
  files = await saveGrid(grid);
  page = readFileSync(files.report, 'utf8');
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const signedNumber = /^[+-]?\d+\.\d \/ [+-]?\d+\.\d$/;

describe('the table', () => {
  test('has four rows of five cells, each max / mean', () => {
    const [, , header, ...rows] = formatTable(grid).split('\n');
    expect(header!.trim().split(/\s{2,}/)).toEqual(['SFT', 'DPO', 'KTO', 'APO-zero', 'APO-down']);
    const cells = rows.slice(0, 4).map((row) => row.split(/\s{3,}/));
    expect(cells.map(([name]) => name)).toEqual(['CLAIR', 'Judge on-policy', 'Judge off-policy', 'Stronger Preferred']);
    for (const [, ...values] of cells) {
      expect(values).toHaveLength(5);
      for (const value of values) expect(value).toMatch(signedNumber);
    }
    const best = grid.cells.find(({ dataset, objective }) => dataset === 'clair' && objective === 'apo_zero')!;
    expect(cells[0]![4]).toBe(`+${best.maxChange.toFixed(1)} / +${best.meanChange.toFixed(1)}`);
  });

  test('states the base score and the intervals', () => {
    expect(formatTable(grid)).toContain(
      `Base score ${grid.base.score.toFixed(1)} of 100 on 200 held-out prompts, seed 0.`,
    );
    expect(formatTable(grid).match(/\[[+-]?\d+\.\d, [+-]?\d+\.\d\]/g)).toHaveLength(40);
  });

  test('says which cells failed', () => {
    const failed = { dataset: 'clair', objective: 'dpo', seed: 0, reason: 'out of memory' } as const;
    const cells = grid.cells.filter((cell) => cell.dataset !== 'clair' || cell.objective !== 'dpo');
    const table = formatTable({ ...grid, cells, failures: [failed] });
    expect(table.split('\n')[3]).toMatch(/^CLAIR .* failed /);
    expect(table).toContain('Failed: CLAIR x DPO, seed 0. out of memory');
  });
});

describe('several seeds', () => {
  test('give means and t-intervals over the seeds', () => {
    const twice = { ...grid, run: { ...grid.run, seeds: 2 }, cells: [...grid.cells, ...grid.cells.map(shifted)] };
    const [row] = summarize(twice);
    const { max } = row!.cells[0]!.changes!;
    expect(max.value).toBeCloseTo(grid.cells[0]!.maxChange + 1, 9);
    // Two values 2 apart: the standard error is 1, and t(1) = 12.706.
    expect(max.interval!.high - max.value).toBeCloseTo(12.706, 3);
  });
});

const shifted = (cell: Grid['cells'][number]) => ({
  ...cell,
  seed: 1,
  maxChange: cell.maxChange + 2,
  meanChange: cell.meanChange + 2,
});

describe('grid.csv', () => {
  test('has a header and one line per cell with the same numbers', () => {
    const [header, ...lines] = readFileSync(files.csv, 'utf8').trimEnd().split('\n');
    expect(formatCsv(grid)).toBe(readFileSync(files.csv, 'utf8'));
    expect(lines).toHaveLength(20);
    const columns = header!.split(',');
    expect(columns).toEqual(Object.keys(gridRows(grid)[0]!));
    const first = Object.fromEntries(lines[0]!.split(',').map((value, index) => [columns[index]!, value]));
    expect(first).toMatchObject({ dataset: 'clair', objective: 'sft', seed: '0' });
    expect(Number(first.maxChange)).toBe(grid.cells[0]!.maxChange);
    expect(first.scores!.split(' ').map(Number)).toEqual(grid.cells[0]!.scores);
  });
});

describe('grid.json', () => {
  test('has the base score and every cell with scores, max and mean change', () => {
    const json = JSON.parse(readFileSync(files.grid, 'utf8')) as Grid;
    const right = json.base.seeds[0]!.itemScores.filter((score) => score === 1);
    expect(json.base.score).toBeCloseTo((100 * right.length) / 200, 9);
    expect(json.cells).toHaveLength(20);
    for (const cell of json.cells) {
      expect(cell.scores).toHaveLength(3);
      for (const score of cell.scores) expect(score).toBeGreaterThanOrEqual(0);
      for (const score of cell.scores) expect(score).toBeLessThanOrEqual(100);
      expect(cell.maxChange).toBeCloseTo(Math.max(...cell.scores) - json.base.score, 9);
    }
    expect(json.pairs.map(({ skipped }) => skipped.length)).toEqual([1, 0, 0, 0]);
    expect(json.pairs[0]).toMatchObject({ dataset: 'clair', jaccard: 0.5, levenshtein: 1, source: 'the stand-in' });
    expect(json.environment.node).toBe(process.version);
  });

  test('is read back as a grid that shows itself', () => {
    const read = readGrid(files.grid) as Grid & Displayable;
    expect(read.cells).toEqual(grid.cells);
    const shown = read[jupyterDisplay]();
    expect(shown['text/plain']).toBe(formatTable(grid));
    expect(shown['text/html']).toContain('<table class="heat">');
    expect(() => readGrid(files.csv)).toThrow(/cannot be read as a grid/);
  });
});

describe('the report', () => {
  test('loads nothing from the network', () => {
    const markup = page.replace(/<script>[\s\S]*?<\/script>/g, '<script></script>');
    expect(markup.match(/<script/g)).toHaveLength(2);
    expect(markup).not.toMatch(/\b(?:src|href|srcset|data|poster|action)\s*=/);
    expect(markup).not.toMatch(/url\(|@import|<link|<iframe|https?:\/\//);
    expect(markup).toContain('default-src &#39;none&#39;;');
  });

  test('holds all of plotly.js, and nothing in it ends its script', () => {
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
    expect(scripts).toHaveLength(2);
    expect(scripts[0]!.length).toBeGreaterThan(1_000_000);
    for (const code of scripts) expect(() => new Script(code)).not.toThrow();
    for (const figure of ['scores', 'rewards', 'contrastiveness']) expect(page).toContain(`<div id="${figure}"></div>`);
  });

  test('closes every element that it opens', () => {
    const markup = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');
    const open: string[] = [];
    for (const [, closing, name] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (['meta', 'br', 'input'].includes(name!)) continue;
      if (closing === '') open.push(name!);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  test('shows text of the data as text', () => {
    expect(page).toContain('where is &lt;b&gt;bun&lt;/b&gt; ?');
    expect(page).not.toContain('<b>bun</b>');
  });

  test('says first what is known of the paper, and shows those numbers beside its own', () => {
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
});

describe('the numbers beside the paper', () => {
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

describe('the figures of a grid', () => {
  test('draw every cell', () => {
    const heat = charts.gridHeatmap(grid).data[0] as { z: number[][] };
    expect(heat.z.flat()).toEqual(grid.cells.map(({ maxChange }) => maxChange));
    const curves = charts.scoreCurves(grid).data as { y: number[] }[];
    expect(curves.map(({ y }) => y)).toEqual(grid.cells.map(({ baseScore, scores }) => [baseScore, ...scores]));
    expect(charts.rewardCurves(grid).data).toHaveLength(40);
  });
});
