/** Figures of objectives: loss surfaces and gradient fields, against closed forms. */
import { describe, expect, test } from 'vitest';
import { gradientField, lossSurface } from '../../src/charts/index.js';
import { objectiveIds } from '../../src/objectives/catalog.js';
import { lossField } from '../../src/objectives/lossField.js';
import type { LossFunction } from '../../src/training/index.js';
import { tf, useBackend } from '../../src/tensor/index.js';

await useBackend();
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const hinge: LossFunction = ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
  tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios))));

interface Trace {
  readonly name: string;
  readonly type: string;
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  readonly z: readonly (readonly number[])[];
}

describe('the field of a loss', () => {
  test("is APO-zero's formula and its derivatives", async () => {
    const field = await lossField('apo_zero', { beta: 0.2, reach: 20, points: 5 });
    expect(field.logRatios).toEqual([-20, -10, 0, 10, 20]);
    for (const [row, rejected] of field.logRatios.entries()) {
      for (const [column, chosen] of field.logRatios.entries()) {
        const [s, t] = [sigmoid(0.2 * chosen), sigmoid(0.2 * rejected)];
        expect(field.losses[row]![column]).toBeCloseTo(1 - s + t, 5);
        expect(field.chosenGradients[row]![column]).toBeCloseTo(-0.2 * s * (1 - s), 5);
        expect(field.rejectedGradients[row]![column]).toBeCloseTo(0.2 * t * (1 - t), 5);
      }
    }
  });

  test('of an unpaired objective is the mean of both losses', async () => {
    const { losses, chosenGradients } = await lossField('apo_zero_unpaired', { reach: 10, points: 3 });
    expect(losses[0]![2]).toBeCloseTo((1 - sigmoid(1) + sigmoid(-1)) / 2, 5);
    expect(chosenGradients[1]![1]).toBeCloseTo(-0.1 / 4 / 2, 6);
  });

  test.each(objectiveIds)('of %s is finite', async (id) => {
    const { losses, chosenGradients, rejectedGradients } = await lossField(id, { points: 5 });
    for (const value of [losses, chosenGradients, rejectedGradients].flat(2)) expect(value).toSatisfy(Number.isFinite);
  });

  test('refuses what cannot be drawn', async () => {
    await expect(lossField('dpo', { reach: 0 })).rejects.toThrow('reach is 0; it has to be a number above 0.');
    await expect(lossField('dpo', { points: 1 })).rejects.toThrow('points is 1; it has to be 2 or more.');
    await expect(lossField('dpo', { objectiveOptions: { gamma: 1 } })).rejects.toThrow('option of DPO');
    await expect(lossField('apo_zer')).rejects.toThrow("did you mean 'apo_zero'?");
  });
});

test('a loss surface has the losses, under the name and the options of the objective', async () => {
  const { data, layout } = await lossSurface(hinge, { beta: 0.5, reach: 2, points: 3 });
  const [heat, contour] = data as unknown as Trace[];
  expect(heat).toMatchObject({ type: 'heatmap', x: [-2, 0, 2], y: [-2, 0, 2] });
  // 1 - 0.5 (chosen - rejected), at least 0; a row per rejected log-ratio
  expect(heat!.z).toEqual([
    [1, 0, 0],
    [2, 1, 0],
    [3, 2, 1],
  ]);
  expect(contour).toMatchObject({ type: 'contour', z: heat!.z });
  expect(layout.title).toMatchObject({ text: 'Loss of hinge (beta 0.5)' });
  expect(layout.xaxis).toMatchObject({ title: { text: 'log-ratio of the chosen response (nats)' } });
});

describe('a gradient field', () => {
  test('has an arrow per point: who goes up, and who goes down', async () => {
    const { data } = await gradientField(hinge, { reach: 20, points: 3, beta: 0.1 });
    const groups = Object.fromEntries((data as unknown as Trace[]).map((trace) => [trace.name, trace]));
    expect(Object.keys(groups)).toEqual(['chosen up, rejected down', 'no gradient']);
    // The margin reaches 1 / 0.1 = 10 nats at 3 of the 9 points.
    expect(groups['no gradient']!.x.filter((value) => value === null)).toHaveLength(3);
    const [x, y] = [groups['chosen up, rejected down']!.x, groups['chosen up, rejected down']!.y];
    expect(x).toHaveLength(6 * 6);
    for (let start = 0; start < x.length; start += 6) {
      expect(x[start + 1]! - x[start]!).toBeCloseTo((0.95 * 20) / Math.SQRT2, 3);
      expect(y[start + 1]! - y[start]!).toBeCloseTo((-0.95 * 20) / Math.SQRT2, 3);
    }
  });

  test.each([
    [1, -1, 'chosen up, rejected down'],
    [1, 0, 'only chosen up'],
    [0, -1, 'only rejected down'],
    [1, 1, 'both up'],
    [-1, -1, 'both down'],
    [-1, 1, 'chosen down, rejected up'],
    [-1, 0, 'only chosen down'],
    [0, 1, 'only rejected up'],
    [0, 0, 'no gradient'],
    // Too small to be seen beside the other part.
    [-0.01, -1, 'only rejected down'],
    [-0.03, -1, 'both down'],
  ])('of an objective that moves a pair by (%d, %d) is named "%s"', async (chosen, rejected, name) => {
    const constant: LossFunction = ({ chosenLogRatios, rejectedLogRatios }) =>
      tf.neg(tf.add(tf.mul(chosen, chosenLogRatios), tf.mul(rejected, rejectedLogRatios)));
    const { data } = await gradientField(constant, { points: 3 });
    expect(data.map((trace) => (trace as unknown as Trace).name)).toEqual([name]);
  });

  test("of APO-down is by both signs of the formula's gradient", async () => {
    // loss = s(r) + 1 - s(r - t), r and t 0.1 times the log-ratios
    const slope = (value: number) => sigmoid(value) * (1 - sigmoid(value));
    const arrows = [-40, 0, 40].flatMap((rejected) =>
      [-40, 0, 40].map((chosen) => {
        const margin = slope(0.1 * (chosen - rejected));
        return [margin - slope(0.1 * chosen), -margin];
      }),
    );
    const longest = Math.max(...arrows.map(([x, y]) => Math.hypot(x!, y!)));
    const sign = (value: number) => (Math.abs(value) <= 0.02 * longest ? 0 : Math.sign(value));
    const count = (x: number, y: number) =>
      arrows.filter((arrow) => sign(arrow[0]!) === x && sign(arrow[1]!) === y).length;
    expect(count(0, 0)).toBe(0);
    const { data } = await gradientField('apo_down', { beta: 0.1, reach: 40, points: 3 });
    const counted = (data as unknown as Trace[]).map(({ name, x }) => [
      name,
      x.filter((value) => value === null).length,
    ]);
    expect(Object.fromEntries(counted)).toEqual({
      'chosen up, rejected down': count(1, -1),
      'only rejected down': count(0, -1),
      'only chosen down': count(-1, 0),
      'both down': count(-1, -1),
    });
  });

  test('of SFT raises the chosen response alone', async () => {
    const { data } = await gradientField('sft');
    expect(data.map((trace) => (trace as unknown as Trace).name)).toEqual(['only chosen up']);
  });
});
