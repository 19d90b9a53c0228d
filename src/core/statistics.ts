/** Estimates with their 95 % confidence intervals. */

/** An estimate with its 95 % confidence interval; null if too few values are known for an interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval | null;
}

/** A confidence interval, from `low` to `high`. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The confidence of every interval. */
const confidence = 0.95;

/** The normal distribution's quantile at 0.975. */
const normalQuantile = 1.959963984540054;

/** The t-quantile is solved numerically up to here. Above, a series gives ten correct digits. */
const solvedDegrees = 1000;

/**
 * The t-interval of a mean: `mean +- t(n - 1) * sd / sqrt(n)`. Null if there are fewer than two values.
 *
 * @param variance the sample's, with `n - 1` in the denominator
 *
 * @example
 * meanInterval({ count: 3, mean: 2, variance: 1 }); // { low: -0.484..., high: 4.484... }
 */
export function meanInterval({
  count,
  mean,
  variance,
}: {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}): Interval | null {
  if (count < 2) return null;
  const reach = studentReach(count - 1) * Math.sqrt(variance / count);
  return { low: mean - reach, high: mean + reach };
}

/** The t of a 95 % interval; for many degrees of freedom the series of Abramowitz and Stegun 26.7.5. */
function studentReach(degrees: number): number {
  if (degrees <= solvedDegrees) return studentQuantile((1 + confidence) / 2, degrees);
  const z = normalQuantile;
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}

/** The quantile of Student's t-distribution: `P(T <= t) = probability` with `degrees` degrees of freedom. `probability` is 0.5 to 1. */
export function studentQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, 1e6];
  while (high - low > 1e-10 * high) {
    const middle = (low + high) / 2;
    if (studentCentral(middle, degrees) < 2 * probability - 1) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** `P(|T| < t)` for an integer number of degrees of freedom: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4. */
function studentCentral(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = odd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= (cosine * cosine * (power - 1)) / power;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/** The quantile of ascending values, interpolated linearly between neighbours as NumPy does by default. */
export function quantile(sorted: ArrayLike<number>, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}

/**
 * The interval of a median by ranks, for values of any distribution: the values with ranks `r` and `n + 1 - r`, for the largest
 * `r` with `P(Binomial(n, 1/2) < r) <= 2.5 %`. Null if there are fewer than six values: then there is no such `r`.
 *
 * @param sorted ascending values
 *
 * Source: Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2.
 *
 * @example
 * medianInterval([1, 2, 3, 4, 5, 6, 7]); // { low: 1, high: 7 }
 */
export function medianInterval(sorted: ArrayLike<number>): Interval | null {
  const count = sorted.length;
  let [rank, below] = [0, 0];
  // In logarithms, because 2^-n underflows.
  for (let logTerm = -count * Math.LN2; rank < count; rank++) {
    below += Math.exp(logTerm);
    if (below > (1 - confidence) / 2) break;
    logTerm += Math.log((count - rank) / (rank + 1));
  }
  return rank === 0 ? null : { low: sorted[rank - 1]!, high: sorted[count - rank]! };
}

/** The share of some counted things, with the interval that holds the true share with 95 % confidence. */
export interface Proportion {
  readonly count: number;
  readonly of: number;
  /** `count / of`; NaN if `of` is 0. */
  readonly share: number;
  /** Null if `of` is 0. */
  readonly interval: Interval | null;
}

/**
 * A share with Wilson's score interval: the shares `p` with `(count / of - p)^2 <= z^2 p (1 - p) / of`, z = 1.96. The interval
 * stays within 0 and 1 and never has length 0, so a handful of comparisons does not look certain.
 *
 * Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927), 209-212.
 *
 * @example
 * wilson(0, 20).interval?.high.toFixed(3); // '0.161'
 */
export function wilson(count: number, of: number): Proportion {
  const share = count / of;
  if (of === 0) return { count, of, share, interval: null };
  const z = normalQuantile;
  const scale = 1 + z ** 2 / of;
  const center = (share + z ** 2 / (2 * of)) / scale;
  const reach = (z * Math.sqrt((share * (1 - share)) / of + (z / (2 * of)) ** 2)) / scale;
  // Rounding would make these bounds slightly more than 0 or less than 1.
  const low = count === 0 ? 0 : center - reach;
  const high = count === of ? 1 : center + reach;
  return { count, of, share, interval: { low, high } };
}

/**
 * A proportion as text, in percent.
 *
 * @example
 * describeProportion(wilson(12, 40)); // '12 of 40, 30.0 % (95 % interval 18.1 to 45.4)'
 */
export function describeProportion({ count, of, share, interval }: Proportion): string {
  if (interval === null) return 'none of 0';
  const [percent, low, high] = [share, interval.low, interval.high].map((value) => (100 * value).toFixed(1));
  return `${count} of ${of}, ${percent} % (95 % interval ${low} to ${high})`;
}

/** The arithmetic mean: `sum(x_i) / n`; NaN of no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample's variance: `sum((x_i - mean)^2) / (n - 1)`; NaN of less than two values. */
export function sampleVariance(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}

/** The central 95 % of a statistic's resampled values (percentile bootstrap), in any order. */
export function percentileInterval(values: readonly number[]): Interval {
  const sorted = values.toSorted((one, other) => one - other);
  return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) };
}
