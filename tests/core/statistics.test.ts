/** Intervals against the sums and properties that define them. SciPy's values are in pairs/contrast/describe.test.ts. */
import { describe, expect, it } from 'vitest';
import { meanInterval, medianInterval, quantile, studentQuantile, wilson } from '../../src/core/statistics.js';

describe('the interval of a mean', () => {
  it('has no jump between the solved t-quantile and its series', () => {
    // With a variance of n, the interval of a mean of 0 is the t-quantile itself.
    const reachOf = (count: number) => meanInterval({ count, mean: 0, variance: count })!.high;
    for (const degrees of [1, 29, 1000, 1001, 5000]) {
      expect(reachOf(degrees + 1)).toBeCloseTo(studentQuantile(0.975, degrees), 8);
    }
    expect(reachOf(10_000_000)).toBeCloseTo(1.959964, 6);
  });

  it('is null for fewer than two values', () => {
    expect(meanInterval({ count: 1, mean: 3, variance: NaN })).toBeNull();
  });
});

describe('the interval of a median', () => {
  /** `P(Binomial(n, 1/2) < rank)` by Pascal's triangle. */
  const below = (count: number, rank: number) => {
    let row = [1];
    for (let step = 0; step < count; step++) row = [1, ...row.slice(1).map((value, index) => value + row[index]!), 1];
    return row.slice(0, rank).reduce((sum, value) => sum + value, 0) / 2 ** count;
  };

  it.each([6, 7, 20, 41, 100])('of %i values has the ranks that leave at most 2.5 % on either side', (count) => {
    const ranks = Float64Array.from({ length: count }, (_, index) => index + 1);
    const { low, high } = medianInterval(ranks)!;
    expect(below(count, low)).toBeLessThanOrEqual(0.025);
    expect(below(count, low + 1)).toBeGreaterThan(0.025);
    expect(high).toBe(count + 1 - low);
  });

  it('is null for fewer than six values, and exists for a hundred thousand', () => {
    expect(medianInterval([1, 2, 3, 4, 5])).toBeNull();
    const { low, high } = medianInterval(Float64Array.from({ length: 100_000 }, (_, index) => index))!;
    // 1.96 standard deviations of the binomial, sqrt(n) / 2 each.
    expect(high - low).toBeGreaterThan(1.95 * Math.sqrt(100_000));
    expect(high - low).toBeLessThan(1.98 * Math.sqrt(100_000));
  });
});

describe('a quantile', () => {
  it('is interpolated between neighbours', () => {
    expect(quantile([1, 2, 4], 0.5)).toBe(2);
    expect(quantile([1, 2, 4], 0.75)).toBe(3);
    expect(quantile([5], 0.3)).toBe(5);
  });
});

// Bounds solved from `(count / of - p)^2 of = z^2 p (1 - p)` by bisection in Python 3.11 with `statistics.NormalDist`;
// the first four are those of Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3, to four decimals.
describe("Wilson's interval", () => {
  it.each([
    [81, 263, 0.2552885198782743, 0.3662095769828001],
    [15, 148, 0.0623863995307363, 0.16048724172330803],
    [0, 20, 0, 0.1611251580528193],
    [1, 29, 0.006113214292762662, 0.17175521879320282],
    [20, 20, 0.8388748419471808, 1],
    [1, 1, 0.20654931437723745, 1],
    [3, 10, 0.10779126740630104, 0.6032218525388546],
  ])('of %d in %d', (count, of, low, high) => {
    const { share, interval } = wilson(count, of);
    expect(share).toBe(count / of);
    expect(interval!.low).toBeCloseTo(low, 12);
    expect(interval!.high).toBeCloseTo(high, 12);
  });

  it('of nothing is null', () => expect(wilson(0, 0)).toEqual({ count: 0, of: 0, share: NaN, interval: null }));
});
