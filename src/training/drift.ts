/** Whether a series of noisy measurements moved: its beginning against its end, each with its standard error. */

export interface Drift {
  /** Mean of the first fifth. */
  readonly from: number;
  /** Mean of the last fifth. */
  readonly to: number;
  readonly change: number;
  /** Of the change: what it would be from one such series to the next by chance. */
  readonly standardError: number;
}

/** Fewest values of either end: with fewer, a standard error says little. */
const fewest = 4;
/** Standard errors that a change has to exceed before it is taken for one. */
const certainty = 3;

/** How many steps a series needs before anything is said of it: its ends must not meet. */
export const fewestSteps = 3 * fewest;

/**
 * The change from the first fifth of a series to its last, with its standard error.
 *
 * Single steps say little: a batch of long responses has lower log-probabilities than one of short ones. So means are
 * compared, and the spread within each end says how far they may be trusted.
 *
 * @example
 * drift(history.map((step) => step['rewards/chosen'])).change; // nats
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

/** Whether a change is upwards and more than chance. */
export const rises = ({ change, standardError }: Drift): boolean => change > certainty * standardError;

/** Whether a change is downwards and more than chance. */
export const falls = ({ change, standardError }: Drift): boolean => -change > certainty * standardError;

function moments(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

/**
 * Pearson's correlation with the 95 % interval of Fisher's transform.
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

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
