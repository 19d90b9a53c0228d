/** Whether a noisy series changed: the means of its beginning and its end, with standard errors. */

/** The change of a series from its first fifth to its last. */
export interface Drift {
  /** Mean of the first fifth. */
  readonly from: number;
  /** Mean of the last fifth. */
  readonly to: number;
  /** `to - from` */
  readonly change: number;
  /** Standard error of the change. */
  readonly standardError: number;
}

/** Fewest values at either end: with fewer, a standard error is not reliable. */
const fewest = 4;
/** A change counts if it is more than this many standard errors. */
const certainty = 3;

/** Fewest values of a series that can be judged, so that beginning and end are separate. */
export const fewestSteps = 3 * fewest;

/**
 * The change from the first fifth of a series to its last, with its standard error.
 *
 * Single steps are too noisy: a batch with long responses has lower log-probabilities than one with short responses. So means are
 * compared; the spread within each end gives their standard errors.
 *
 * @example
 * drift(history.map((step) => step['rewards/chosen'])).change; // ... (nats)
 */
export function drift(values: readonly number[]): Drift {
  const size = Math.max(fewest, Math.floor(values.length / 5));
  const [first, last] = [moments(values.slice(0, size)), moments(values.slice(-size))];
  return {
    from: first.mean,
    to: last.mean,
    change: last.mean - first.mean,
    standardError: Math.hypot(first.standardError, last.standardError),
  };
}

/** True if the series increased by more than three standard errors. */
export const rises = ({ change, standardError }: Drift): boolean => change > certainty * standardError;

/** True if the series decreased by more than three standard errors. */
export const falls = ({ change, standardError }: Drift): boolean => -change > certainty * standardError;

function moments(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

/**
 * Pearson's correlation of two series of the same length, with the 95 % interval of Fisher's transformation.
 *
 * @example
 * correlation([1, 2, 3, 4], [2, 4, 6, 9]).value; // 0.99...
 */
export function correlation(
  x: readonly number[],
  y: readonly number[],
): { readonly value: number; readonly low: number; readonly high: number } {
  const [meanX, meanY] = [sum(x) / x.length, sum(y) / y.length];
  const products = (a: readonly number[], meanA: number, b: readonly number[], meanB: number) =>
    sum(a.map((value, index) => (value - meanA) * (b[index]! - meanB)));
  const spread = Math.sqrt(products(x, meanX, x, meanX) * products(y, meanY, y, meanY));
  const value = spread === 0 ? 0 : products(x, meanX, y, meanY) / spread;
  const reach = 1.96 / Math.sqrt(Math.max(1, x.length - 3));
  const z = Math.atanh(Math.min(Math.max(value, -0.999999), 0.999999));
  return { value, low: Math.tanh(z - reach), high: Math.tanh(z + reach) };
}

/** The median; for an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
