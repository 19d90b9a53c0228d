/**
 * One measure over any number of pairs, in memory that doesn't grow with them: count, mean, spread, least and most are exact.
 * Median and distribution are of all values up to 100,000 of them; of more, of 100,000 drawn from them (Vitter's reservoir).
 */
import type { Random } from './random.js';
import { meanInterval, medianInterval, quantile, type Interval } from './statistics.js';

export interface MeasureSummary {
  /** Of how many pairs; fewer than the set's where some have no such measure. */
  readonly count: number;
  readonly mean: number;
  /** 95 %, of the mean: a t-interval. Null of a single pair. */
  readonly interval: Interval | null;
  readonly median: number;
  /** 95 %, of the median, by ranks. Null of fewer than six pairs. */
  readonly medianInterval: Interval | null;
  readonly least: number;
  readonly most: number;
  readonly histogram: Histogram;
}

/** Bars of one width side by side, from the least value to the most. */
export interface Histogram {
  readonly start: number;
  readonly width: number;
  readonly counts: readonly number[];
}

const kept = 100_000;
const mostBars = 24;

export interface RunningStatistics {
  add(value: number): void;
  /** Undefined where nothing was added. */
  summary(): MeasureSummary | undefined;
}

/** @param random draws what is kept of more values than are kept */
export function runningStatistics(random: Random, capacity = kept): RunningStatistics {
  let [count, mean, squares, least, most] = [0, 0, 0, Infinity, -Infinity];
  let [sum, lost] = [0, 0];
  const reservoir: number[] = [];
  return {
    add(value) {
      count += 1;
      // Welford's way: sums of squares would lose the digits of a small spread of large values.
      const step = value - mean;
      mean += step / count;
      squares += step * (value - mean);
      // Neumaier's way: what a sum of many loses of a small one is added up apart.
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

/** Bars of a round width; about `bars` of them at most, for one more may begin at the largest value. */
export function histogramOf(sorted: Float64Array, bars = mostBars): Histogram {
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const width = high > low ? roundUp((high - low) / bars) : 1;
  // A value on an edge belongs to the bar above it.
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
