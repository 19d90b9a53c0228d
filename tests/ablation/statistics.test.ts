import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import {
  acrossSeeds,
  changeDifference,
  changeIntervals,
  maxChange,
  meanChange,
  type ItemScores,
} from '../../src/ablation/changes.js';
import { studentQuantile, type Interval } from '../../src/core/statistics.js';
import { scoreOf } from '../../src/evaluation/index.js';

interface Golden {
  studentQuantiles: { probability: number; degrees: number; t: number }[];
  tInterval: Interval & { sample: number[] };
  bootstrap: { base: string; checkpoints: string[]; max: Interval; mean: Interval };
}
const golden = JSON.parse(readFileSync(new URL('../golden/statistics.json', import.meta.url), 'utf8')) as Golden;

/** The item scores of answers that are right (1) or wrong (0). */
const scores = (answers: string): ItemScores => Array.from(answers, Number);
const goldenBootstrap = {
  ...golden.bootstrap,
  base: scores(golden.bootstrap.base),
  checkpoints: golden.bootstrap.checkpoints.map(scores),
};

describe('a cell', () => {
  test('changes by the largest and by the mean score over its checkpoints', () => {
    expect(maxChange([48, 57.5, 55], 50)).toBe(7.5);
    expect(meanChange([48, 57.5, 55], 50)).toBe(3.5);
    expect(maxChange([40, 45], 50)).toBe(-5);
  });

  test('without a checkpoint has no change', () => {
    expect(() => maxChange([], 50)).toThrow(RangeError);
    expect(() => meanChange([], 50)).toThrow(RangeError);
  });

  test('scores the share of right answers', () => {
    expect(scoreOf(scores('0110'))).toBe(50);
    expect(scoreOf(scores('1'))).toBe(100);
  });
});

describe('bootstrap intervals', () => {
  test('agree with NumPy on the same answers', () => {
    const { base, checkpoints, max, mean } = goldenBootstrap;
    const intervals = changeIntervals(base, checkpoints, 0);
    // 2,000 resamples against 20,000: an end of the interval is known to about a tenth of its width.
    for (const [mine, theirs] of [
      [intervals.max, max],
      [intervals.mean, mean],
    ] as const) {
      const width = theirs.high - theirs.low;
      expect(Math.abs(mine.low - theirs.low)).toBeLessThan(0.1 * width);
      expect(Math.abs(mine.high - theirs.high)).toBeLessThan(0.1 * width);
    }
  });

  test('of one checkpoint have the binomial spread', () => {
    // A tenth of the prompts turns from wrong to right: the change is a share with variance p (1 - p) / n.
    const base = scores('0'.repeat(1000));
    const checkpoint = scores('1'.repeat(100) + '0'.repeat(900));
    const { max, mean } = changeIntervals(base, [checkpoint], 3);
    const reach = 1.96 * 100 * Math.sqrt((0.1 * 0.9) / 1000);
    expect(max).toEqual(mean);
    expect(Math.abs(mean.low - (10 - reach))).toBeLessThan(0.25);
    expect(Math.abs(mean.high - (10 + reach))).toBeLessThan(0.25);
  });

  test('are paired: answers that never differ from the base have an interval of zero width', () => {
    const answers = scores('0110100110'.repeat(20));
    expect(changeIntervals(answers, [answers, answers], 0)).toEqual({
      max: { low: 0, high: 0 },
      mean: { low: 0, high: 0 },
    });
  });

  test('cover the choice of the largest change: with many equal checkpoints the max is above the mean', () => {
    const { base, checkpoints } = goldenBootstrap;
    const { max, mean } = changeIntervals(base, checkpoints, 0);
    expect(max.low).toBeGreaterThan(mean.low);
    expect(max.high).toBeGreaterThan(mean.high);
  });

  test('are the same for the same seed and differ for another', () => {
    const { base, checkpoints } = goldenBootstrap;
    expect(changeIntervals(base, checkpoints, 5)).toEqual(changeIntervals(base, checkpoints, 5));
    expect(changeIntervals(base, checkpoints, 5)).not.toEqual(changeIntervals(base, checkpoints, 6));
  });

  test('take scores between 0 and 1 in proportion: half scores give half the interval', () => {
    const { base, checkpoints } = goldenBootstrap;
    const half = (itemScores: ItemScores) => itemScores.map((score) => score / 2);
    const whole = changeIntervals(base, checkpoints, 0);
    const halved = changeIntervals(half(base), checkpoints.map(half), 0);
    for (const statistic of ['max', 'mean'] as const) {
      expect(halved[statistic].low).toBeCloseTo(whole[statistic].low / 2, 9);
      expect(halved[statistic].high).toBeCloseTo(whole[statistic].high / 2, 9);
    }
  });

  test('refuse answers to different numbers of prompts', () => {
    expect(() => changeIntervals(scores('0101'), [scores('010')], 0)).toThrow(
      /3 prompts cannot be paired with answers to 4/,
    );
    expect(() => changeIntervals([], [], 0)).toThrow(RangeError);
  });
});

describe('the difference of two cells', () => {
  test('is that of their changes, and swaps its sign with them', () => {
    const one = ['1100', '1110'].map(scores);
    const other = ['1000', '0000'].map(scores);
    expect(changeDifference(one, other, 0).max.value).toBe(50);
    expect(changeDifference(one, other, 0).mean.value).toBe(50);
    expect(changeDifference(other, one, 0).mean.value).toBe(-50);
  });

  test('of a cell with itself is exactly zero', () => {
    const { checkpoints } = goldenBootstrap;
    const zero = { value: 0, interval: { low: 0, high: 0 } };
    expect(changeDifference(checkpoints, checkpoints, 0)).toEqual({ max: zero, mean: zero });
  });
});

describe('across seeds', () => {
  test.each(golden.studentQuantiles)('t($probability, $degrees) is $t', ({ probability, degrees, t }) => {
    expect(Math.abs(studentQuantile(probability, degrees) - t)).toBeLessThan(1e-8 * t);
  });

  test("the interval is SciPy's", () => {
    const { sample, low, high } = golden.tInterval;
    const estimate = acrossSeeds(sample);
    expect(estimate.value).toBeCloseTo(3.2, 12);
    expect(estimate.interval?.low).toBeCloseTo(low, 8);
    expect(estimate.interval?.high).toBeCloseTo(high, 8);
  });

  test('one seed has no interval', () => {
    expect(acrossSeeds([4])).toEqual({ value: 4, interval: null });
  });
});
