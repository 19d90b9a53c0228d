/** Figures of runs: loss, several runs beside each other, a run as it learns, and the rewards of a grid. */
import { describe, expect, test } from 'vitest';

import * as charts from '../../src/charts/index.js';
import { smooth } from '../../src/charts/smooth.js';

const losses = [4, 2, 3, 1];
const history = losses.map((loss, index) => ({
  step: index + 1,
  loss,
  'rewards/chosen': 0.1 * index,
  'rewards/rejected': -0.2 * (index + 1),
  'rewards/margins': 0.3 * index,
  ...(index % 2 === 1 ? { eval_score: 10 * index } : {}),
}));

type Trace = Record<string, unknown> & { x: number[]; y: number[] };
const tracesOf = ({ data }: charts.Figure) => data as unknown as Trace[];

describe('smoothing', () => {
  test('is the weighted mean of all values so far, with weights that fall by the smoothing', () => {
    const weights = (count: number) => Array.from({ length: count }, (_, age) => 0.8 ** age);
    const expected = losses.map((_, last) => {
      const w = weights(last + 1);
      const sum = w.reduce((total, weight, age) => total + weight * losses[last - age]!, 0);
      return sum / w.reduce((total, weight) => total + weight, 0);
    });
    smooth(losses, 0.8).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 12));
  });

  test('of 0 is the curve; a constant stays one; a gap changes nothing else', () => {
    expect(smooth(losses, 0)).toEqual(losses);
    smooth([5, 5, 5], 0.99).forEach((value) => expect(value).toBeCloseTo(5, 12));
    const [first, gap, second] = smooth([4, NaN, 2], 0.8);
    expect([first, gap, second]).toEqual([smooth([4, 2], 0.8)[0], NaN, smooth([4, 2], 0.8)[1]]);
  });

  test.each([1, -0.1, NaN])('of %s is refused', (smoothing) => {
    expect(() => charts.loss(history, { smoothing })).toThrow(
      `smoothing is ${smoothing}; it has to be a number from 0 (none) to below 1`,
    );
  });
});

describe('loss', () => {
  test('has a faint line of the steps and a thick smoothed one', () => {
    const shown = charts.loss(history, { smoothing: 0.8 });
    expect(shown.data).toMatchObject([
      { x: [1, 2, 3, 4], y: losses, opacity: 0.3, showlegend: false, hoverinfo: 'skip' },
      { name: 'loss', x: [1, 2, 3, 4], y: smooth(losses, 0.8), customdata: losses, line: { width: 2 } },
    ]);
    expect(shown.layout.hovermode).toBe('x unified');
  });

  test('without smoothing is one line; a run of one step is a point', () => {
    expect(charts.loss(history, { smoothing: 0 }).data).toMatchObject([{ y: losses, mode: 'lines' }]);
    expect(charts.loss([{ loss: 1 }], { smoothing: 0 }).data).toMatchObject([{ x: [1], y: [1], mode: 'markers' }]);
  });
});

describe('compareRuns', () => {
  test('draws one metric of several runs and histories, each in its colour', () => {
    const short = history.slice(0, 2);
    const shown = charts.compareRuns({ DPO: { history }, KTO: short }, { metric: 'rewards/margins', smoothing: 0 });
    const [dpo, kto] = tracesOf(shown);
    expect([dpo!.name, dpo!.y, kto!.name, kto!.y]).toEqual([
      'DPO',
      history.map((row) => row['rewards/margins']),
      'KTO',
      short.map((row) => row['rewards/margins']),
    ]);
    expect((dpo!.line as { color: string }).color).not.toBe((kto!.line as { color: string }).color);
    expect(shown.layout).toMatchObject({ hovermode: 'x unified', yaxis: { title: { text: 'margin (nats)' } } });
  });

  test('leaves out the steps that have no evaluation', () => {
    const [scores] = tracesOf(charts.compareRuns({ a: history }, { metric: 'eval_score', smoothing: 0 }));
    expect([scores!.x, scores!.y]).toEqual([
      [2, 4],
      [10, 30],
    ]);
  });

  test('names the metrics that there are, and a run without steps', () => {
    expect(() => charts.compareRuns({ a: history }, { metric: 'margin' })).toThrow(
      "No step of the run 'a' has the metric 'margin'. Its metrics: step, loss, rewards/chosen, rewards/rejected, rewards/margins, eval_score.",
    );
    expect(() => charts.compareRuns({ a: history, b: [] })).toThrow("The run 'b' has no steps yet");
  });
});

describe('learning', () => {
  test('draws loss and rewards in two panels over the whole run', () => {
    const shown = charts.learning(history, { smoothing: 0, steps: 200 });
    expect(tracesOf(shown).map(({ name, y, xaxis }) => [name, y, xaxis])).toEqual([
      ['loss', losses, 'x'],
      ['chosen', history.map((row) => row['rewards/chosen']), 'x2'],
      ['rejected', history.map((row) => row['rewards/rejected']), 'x2'],
      ['margin', history.map((row) => row['rewards/margins']), 'x2'],
    ]);
    expect(shown.layout).toMatchObject({ xaxis: { range: [1, 200] }, xaxis2: { range: [1, 200] } });
  });

  test('with few points keeps the last step, and smooths all of them', () => {
    const long = Array.from({ length: 1001 }, (_, index) => ({ ...history[0]!, step: index + 1, loss: index % 7 }));
    const [raw, smoothed] = tracesOf(charts.learning(long, { points: 100, smoothing: 0.9 }));
    expect(raw!.x.length).toBeLessThanOrEqual(100);
    expect(raw!.x.length).toBeGreaterThan(80);
    expect(raw!.x.at(-1)).toBe(1001);
    const all = smooth(
      long.map(({ loss }) => loss),
      0.9,
    );
    expect(smoothed!.y).toEqual(smoothed!.x.map((step) => all[step - 1]));
  });

  test('joins the lines over steps that lack a reward', () => {
    const unpaired = [{ loss: 1, 'rewards/chosen': 0 }, { loss: 1 }, { loss: 1, 'rewards/chosen': 2 }];
    const chosen = tracesOf(charts.learning(unpaired, { smoothing: 0 })).find(({ name }) => name === 'chosen');
    expect(chosen).toMatchObject({ y: [0, NaN, 2], connectgaps: true });
  });

  test('draws a run without steps', () => {
    expect(tracesOf(charts.learning([])).every(({ y }) => y.length === 0)).toBe(true);
  });
});

describe("a grid's rewards", () => {
  const cell = (dataset: 'clair' | 'judge_on_policy', objective: 'kto' | 'apo_zero' | 'dpo', chosen: number[]) => ({
    dataset,
    objective,
    seed: 0,
    baseScore: 50,
    scores: chosen,
    maxChange: 0,
    meanChange: 0,
    history: chosen.map((reward) => ({ 'rewards/chosen': reward, 'rewards/rejected': -reward })),
  });
  const grid = {
    run: { datasets: ['clair', 'judge_on_policy'], objectives: ['dpo', 'apo_zero', 'kto'] },
    base: { score: 50 },
    cells: [
      cell('clair', 'dpo', [1, 4]),
      cell('clair', 'apo_zero', [2, 3]),
      cell('clair', 'kto', [2, 3.001]),
      cell('judge_on_policy', 'dpo', [0.01, 0.02]),
      cell('judge_on_policy', 'apo_zero', [0.02, 0.04]),
      cell('judge_on_policy', 'kto', [0.02, 0.039]),
    ],
  } as const;
  const shown = charts.rewardCurves(grid);
  const widths = (panel: string) =>
    tracesOf(shown)
      .filter(({ xaxis, name }) => xaxis === panel && String(name).endsWith('chosen'))
      .map(({ name, line }) => [name, (line as { width: number }).width]);

  test('have a scale per panel', () => {
    const { yaxis, yaxis2 } = shown.layout as Record<string, object>;
    expect([yaxis, yaxis2].every((axis) => axis !== undefined && !('matches' in axis))).toBe(true);
    expect(
      (charts.scoreCurves(grid as unknown as charts.GridLike).layout as Record<string, object>).yaxis2,
    ).toMatchObject({
      matches: 'y',
    });
  });

  test('show curves that coincide as stripes, and name them in the title and at the pointer', () => {
    expect(widths('x')).toEqual([
      ['DPO, chosen', 2],
      ['APO-zero, chosen', 4],
      ['KTO, chosen', 2],
    ]);
    expect(widths('x2').map(([, width]) => width)).toEqual([2, 2, 2]);
    const titles = shown.layout.annotations!.map(({ text }) => text);
    expect(titles[0]).toContain('APO-zero = KTO');
    expect(titles[1]).not.toContain(' = ');
    const kto = tracesOf(shown).find(({ name }) => name === 'KTO, chosen');
    expect(kto!.hovertemplate).toContain('the same as APO-zero');
  });
});
