/** Exponential smoothing of a curve, for figures. */
import { ApolabError } from '../core/errors.js';

/** The smoothing that figures use if none is given; TensorBoard's default. */
export const usualSmoothing = 0.6;

/**
 * The exponential moving mean of a curve, corrected for its start as TensorBoard does it:
 * `m_t = s m_(t-1) + (1 - s) y_t` from `m_0 = 0`, and the value is `m_t / (1 - s^t)`. So the first value is the curve's own.
 * A value that is not finite stays what it is and changes no other.
 *
 * @param smoothing `s`, from 0 (the curve itself) to below 1
 * @throws ApolabError if `smoothing` is out of range.
 */
export function smooth(values: readonly number[], smoothing: number): number[] {
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new ApolabError(
      `smoothing is ${smoothing}; it has to be a number from 0 (none) to below 1, such as ${usualSmoothing}.`,
    );
  }
  let [mean, count] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = smoothing * mean + (1 - smoothing) * value;
    count += 1;
    return mean / (1 - smoothing ** count);
  });
}
