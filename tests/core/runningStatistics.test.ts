/** Running statistics against exact values and properties. SciPy's values are in pairs/contrast/describe.test.ts. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { histogramOf, runningStatistics, type MeasureSummary } from '../../src/core/runningStatistics.js';

describe('running statistics', () => {
  it('have the exact mean, interval and range from a sample, and a median that is near', () => {
    const draws = createRandom(9, 'draws');
    const values = Array.from({ length: 20_000 }, () => 1e6 + draws.normal());
    const [whole, sampled] = [runningStatistics(createRandom(1)), runningStatistics(createRandom(1), 2000)];
    for (const value of values) {
      whole.add(value);
      sampled.add(value);
    }
    const [all, some] = [whole.summary()!, sampled.summary()!];
    const fields = ({ count, mean, interval, least, most }: MeasureSummary) => ({ count, mean, interval, least, most });
    expect(fields(some)).toEqual(fields(all));
    // The sample's median is within four of its standard errors, 1.2533 / sqrt(2000) each.
    expect(Math.abs(some.median - all.median)).toBeLessThan((4 * 1.2533) / Math.sqrt(2000));
    expect(some.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(2000);
    // A spread of 1 around a million is not lost: half the interval is 1.96 / sqrt(20,000).
    expect(some.interval!.high - some.interval!.low).toBeCloseTo((2 * 1.96) / Math.sqrt(20_000), 3);
  });

  it('keep every value with the same probability, from the first to the last', () => {
    const rounds = 400;
    let sum = 0;
    for (let round = 0; round < rounds; round++) {
      const statistics = runningStatistics(createRandom(round), 10);
      for (let value = 0; value < 1000; value++) statistics.add(value);
      const { histogram } = statistics.summary()!;
      sum +=
        histogram.counts.reduce(
          (total, count, bar) => total + count * (histogram.start + (bar + 0.5) * histogram.width),
          0,
        ) / 10;
    }
    // The mean of what is kept is 499.5 with a standard error of 289 / sqrt(4,000).
    expect(Math.abs(sum / rounds - 499.5)).toBeLessThan((4 * 289) / Math.sqrt(10 * rounds) + 5);
  });

  it('have a histogram with bars of a round width that counts every value', () => {
    const ranges = [
      [0, 1],
      [0, 83],
      [-58, 83],
      [0.2, 0.21],
      [5, 5],
      [0, 1e7],
    ];
    for (const range of ranges) {
      const { width, counts } = histogramOf(Float64Array.from(range));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
      expect(counts.length).toBeLessThanOrEqual(26);
      expect(width.toExponential(6)).toMatch(/^[125]\.0+e/);
    }
  });
});
