/** Shares with their uncertainty. */

/** A share of counted things, with the interval that holds the true share with 95 % confidence. */
export interface Proportion {
  readonly count: number;
  readonly of: number;
  /** `count / of`; NaN where nothing was counted. */
  readonly share: number;
  /** Null where nothing was counted. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** The normal distribution's 97.5 % point. */
const z = 1.959963984540054;

/**
 * A share with Wilson's score interval: the shares `p` with `(count / of - p)^2 <= z^2 p (1 - p) / of`, z = 1.96. It stays
 * within 0 and 1 and has extent at both ends, so a handful of comparisons doesn't look like certainty.
 *
 * Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927), 209-212.
 *
 * @example
 * wilson(0, 20).interval?.high.toFixed(3); // '0.161'
 */
export function wilson(count: number, of: number): Proportion {
  const share = count / of;
  if (of === 0) return { count, of, share, interval: null };
  const scale = 1 + z ** 2 / of;
  const center = (share + z ** 2 / (2 * of)) / scale;
  const reach = (z * Math.sqrt((share * (1 - share)) / of + (z / (2 * of)) ** 2)) / scale;
  // At the ends the formula gives 0 and 1 up to rounding.
  const low = count === 0 ? 0 : center - reach;
  const high = count === of ? 1 : center + reach;
  return { count, of, share, interval: { low, high } };
}

/** '12 of 40, 30.0 % (95 % interval 18.1 to 45.4)'. */
export function describeProportion({ count, of, share, interval }: Proportion): string {
  if (interval === null) return 'none of 0';
  const [percent, low, high] = [share, interval.low, interval.high].map((value) => (100 * value).toFixed(1));
  return `${count} of ${of}, ${percent} % (95 % interval ${low} to ${high})`;
}
