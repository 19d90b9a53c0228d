import { describe, expect, test } from 'vitest';

import * as charts from '../../src/charts/index.js';
import { jupyterDisplay } from '../../src/core/display.js';

describe('a figure', () => {
  test('is shown as plotly JSON and as text', () => {
    const squares = charts.Plotly.newPlot([{ type: 'scatter', name: 'squares', y: [1, 4, 9] }], {
      title: { text: 'Growth' },
    });
    const shown = squares[jupyterDisplay]();
    expect(shown['text/plain']).toBe('Growth: 1 trace\n  squares: 1, 4, 9');
    const plotly = shown['application/vnd.plotly.v1+json'] as charts.Figure;
    expect(JSON.parse(JSON.stringify(plotly))).toMatchObject({
      data: [{ type: 'scatter', y: [1, 4, 9] }],
      layout: { title: { text: 'Growth' } },
    });
    expect(jupyterDisplay).toBe(Symbol.for('Jupyter.display'));
  });

  test('has short text for any length of its data', () => {
    const long = charts.figure([{ y: Array.from({ length: 10_000 }, (_, index) => index / 3) }]);
    expect(long[jupyterDisplay]()['text/plain']).toBe(
      'Figure: 1 trace\n  trace 1: 0, 0.3333, 0.6667, 1, 1.333, 1.667, 2, 2.333, ...',
    );
  });
});

describe('rewards', () => {
  test('are drawn per step from the metrics that training logs', () => {
    const history = [1, 2].map((step) => ({
      step,
      loss: 1,
      'rewards/chosen': 0.1 * step,
      'rewards/rejected': -0.2 * step,
      'rewards/margins': 0.3 * step,
    }));
    const { data } = charts.rewards(history);
    expect(data).toMatchObject([
      { name: 'chosen', x: [1, 2], y: [0.1, 0.2] },
      { name: 'rejected', y: [-0.2, -0.4] },
      { name: 'margin', y: [0.3, 0.6] },
    ]);
  });
});

describe('distributions', () => {
  test('are bars at the middle of their bins, with a line at the mean, in one panel each', () => {
    const histogram = { start: -0.1, width: 0.1, counts: [2, 0, 5] };
    const { data, layout } = charts.distributions([
      { title: 'Jaccard', unit: 'share', mean: 0.07, histogram },
      { title: 'Levenshtein', unit: 'characters', mean: 12.345678, histogram: { start: 0, width: 20, counts: [1] } },
    ]);
    expect(data).toMatchObject([
      { type: 'bar', name: 'Jaccard', x: [-0.05, 0.05, 0.15], y: [2, 0, 5], xaxis: 'x' },
      { type: 'scatter', x: [0.07, 0.07], y: [0, 5], xaxis: 'x' },
      { type: 'bar', name: 'Levenshtein', x: [10], y: [1], xaxis: 'x2' },
      { type: 'scatter', x: [12.345678, 12.345678], y: [0, 1], xaxis: 'x2' },
    ]);
    expect(layout.annotations!.map(({ text }) => text)).toEqual([
      '<b>Jaccard</b>  mean 0.07',
      '<b>Levenshtein</b>  mean 12.35',
    ]);
  });
});

describe('contrastiveness', () => {
  test('is the mean over seeds, with a bar per dataset', () => {
    const { data } = charts.contrastiveness([
      { dataset: 'clair', jaccard: 0.6, levenshtein: 8 },
      { dataset: 'clair', jaccard: 0.8, levenshtein: 10 },
      { dataset: 'stronger_preferred', jaccard: 0.2, levenshtein: 90 },
    ]);
    expect(data).toMatchObject([
      { y: ['CLAIR', 'Stronger Preferred'], x: [0.7, 0.2] },
      { y: ['CLAIR', 'Stronger Preferred'], x: [9, 90] },
    ]);
  });
});

describe('a grid', () => {
  test('with a missing cell has a gap there, and the other cells are drawn', () => {
    const cell = {
      dataset: 'clair',
      objective: 'dpo',
      seed: 0,
      baseScore: 50,
      scores: [51, 53],
      maxChange: 3,
      meanChange: 2,
      history: [],
    } as const;
    const grid = {
      run: { datasets: ['clair', 'judge_on_policy'], objectives: ['dpo'] },
      base: { score: 50 },
      cells: [cell],
    } as const;
    expect(charts.gridHeatmap(grid).data).toMatchObject([{ z: [[3], [null]], zmin: -3, zmax: 3 }]);
    expect(charts.scoreCurves(grid).data).toMatchObject([{ name: 'DPO', y: [50, 51, 53] }]);
  });

  test('with two seeds has a thick line for their mean and a thin line for each', () => {
    const cell = (seed: number, score: number) => ({
      dataset: 'clair' as const,
      objective: 'dpo' as const,
      seed,
      baseScore: 50,
      scores: [score],
      maxChange: score - 50,
      meanChange: score - 50,
      history: [],
    });
    const grid = {
      run: { datasets: ['clair'], objectives: ['dpo'] },
      base: { score: 50 },
      cells: [cell(0, 52), cell(1, 56)],
    } as const;
    expect(charts.scoreCurves(grid).data).toMatchObject([
      { name: 'DPO, seed 0', y: [50, 52], showlegend: false },
      { name: 'DPO, seed 1', y: [50, 56], showlegend: false },
      { name: 'DPO', y: [50, 54] },
    ]);
  });
});
