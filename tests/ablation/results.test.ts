/** The files of a finished run: table, CSV, JSON, report. All of these tests use one grid of the stand-in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Script } from 'node:vm';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { Grid } from '../../src/ablation/grid.js';
import { runGrid } from '../../src/ablation/run/runGrid.js';
import { readGrid, saveGrid } from '../../src/ablation/run/saveGrid.js';
import { summarize } from '../../src/ablation/report/summary.js';
import { formatCsv, formatTable, gridRows } from '../../src/ablation/report/table.js';
import * as charts from '../../src/charts/index.js';
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

describe('the saved files', () => {
  test('show themselves as links from the notebook, and as paths in a terminal', () => {
    const links = () => {
      const { 'text/html': shown } = files[jupyterDisplay]() as Record<string, string>;
      return Array.from(shown!.matchAll(/href="([^"]*)"/g), ([, link]) => link);
    };
    const relative = path.relative(process.cwd(), path.join(folder, 'run')).split(path.sep).join('/');
    expect(links()).toEqual(['report.html', 'grid.csv', 'grid.json'].map((name) => `${relative}/${name}`));
    // npm run reproduce: no server, and the executed notebook is beside the files.
    vi.stubEnv('APOLAB_RUN', '{}');
    expect(links()).toEqual(['report.html', 'grid.csv', 'grid.json']);
    expect(files[jupyterDisplay]()['text/plain']).toContain(`${files.csv}: one line per cell`);
    expect(Object.keys(files)).toEqual(['grid', 'csv', 'report']);
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
