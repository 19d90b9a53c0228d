/** Statistics of a stream of values, in memory that does not grow with it. */
import type { Random } from './random.js';
import { meanInterval, medianInterval, quantile, type Interval } from './statistics.js';

/** The statistics of all values that were added. */
export interface MeasureSummary {
  /** How many values were added. */
  readonly count: number;
  readonly mean: number;
  /** The 95 % t-interval of the mean; null if there is one value. */
  readonly interval: Interval | null;
  /** Of the sample, if there are more values than it holds. */
  readonly median: number;
  /** The 95 % interval of the median, by ranks; null if there are fewer than six values. */
  readonly medianInterval: Interval | null;
  readonly least: number;
  readonly most: number;
  readonly histogram: Histogram;
}

/** Adjacent bars of one width, from the smallest value to the largest. */
export interface Histogram {
  /** Where the first bar begins. */
  readonly start: number;
  /** The width of each bar. */
  readonly width: number;
  /** How many values each bar holds. */
  readonly counts: readonly number[];
}

const kept = 100_000;
const mostBars = 24;

/** Statistics that are updated value by value. */
export interface RunningStatistics {
  add(value: number): void;
  /** The statistics so far; undefined if no value was added. */
  summary(): MeasureSummary | undefined;
}

/**
 * Statistics of the values that are added. Count, mean, its interval, least and most are exact. Median and histogram are exact up
 * to `capacity` values; if there are more, they are those of a random sample of `capacity` values (Vitter's reservoir).
 *
 * @param random chooses the sample
 * @param capacity how many values the sample holds; 100,000 by default
 * @example
 * const lengths = runningStatistics(createRandom(0, 'lengths'));
 * for (const length of [3, 5, 10]) lengths.add(length);
 * lengths.summary()?.mean; // 6
 */
export function runningStatistics(random: Random, capacity = kept): RunningStatistics {
  let [count, mean, squares, least, most] = [0, 0, 0, Infinity, -Infinity];
  let [sum, lost] = [0, 0];
  const reservoir: number[] = [];
  return {
    add(value) {
      count += 1;
      // Welford's algorithm: a sum of squares would lose the digits of a small spread around a large mean.
      const step = value - mean;
      mean += step / count;
      squares += step * (value - mean);
      // Neumaier's algorithm: what rounding loses of each addition is summed separately.
      const total = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      sum = total;
      if (value < least) least = value;
      if (value > most) most = value;
      if (count <= capacity) reservoir.push(value);
      else {
        const place = random.integer(count);
        if (place < capacity) reservoir[place] = value;
      }
    },
    summary() {
      if (count === 0) return undefined;
      const sorted = Float64Array.from(reservoir).sort();
      return {
        count,
        mean: (sum + lost) / count,
        interval: meanInterval({ count, mean: (sum + lost) / count, variance: squares / (count - 1) }),
        median: quantile(sorted, 0.5),
        medianInterval: medianInterval(sorted),
        least,
        most,
        histogram: histogramOf(sorted),
      };
    },
  };
}

/**
 * A histogram with bars of a round width (1, 2 or 5 times a power of ten). A value on an edge belongs to the bar above it, so
 * there can be one or two bars more than `bars`.
 *
 * @param sorted ascending values, at least one
 */
export function histogramOf(sorted: Float64Array, bars = mostBars): Histogram {
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const width = high > low ? roundUp((high - low) / bars) : 1;
  const start = Math.floor(low / width) * width;
  const barOf = (value: number) => Math.floor((value - start) / width + 1e-9);
  const counts = Array.from({ length: barOf(high) + 1 }, () => 0);
  for (const value of sorted) counts[barOf(value)]! += 1;
  return { start, width, counts };
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10) * power;
}
