/** The derivative of a function by finite differences, with an estimate of its error. */

/** A derivative, and an estimate of its error. */
export interface Derivative {
  readonly value: number;
  readonly error: number;
}

/** The largest step, and how often it is halved. Powers of two: a float32 input plus or minus the step is then exact. */
const firstStep = 2;
const halvings = 6;

/**
 * Ridders' method: central differences with halved steps, extrapolated to a step of 0; the result is the entry of the table with the
 * smallest change against its neighbours. At a kink the error is large.
 *
 * Source: Ridders 1982, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (2).
 *
 * @param difference `f(x + step) - f(x - step)`
 * @example
 * await finiteDifference((step) => Promise.resolve((1 + step) ** 2 - (1 - step) ** 2)); // { value: 2, error: 0 }
 */
export async function finiteDifference(difference: (step: number) => Promise<number>): Promise<Derivative> {
  let best: Derivative = { value: NaN, error: Infinity };
  let previous: number[] = [];
  for (let row = 0; row <= halvings; row++) {
    const step = firstStep / 2 ** row;
    const current = [(await difference(step)) / (2 * step)];
    for (let column = 1; column <= row; column++) {
      const factor = 4 ** column;
      const [finer, coarser] = [current[column - 1]!, previous[column - 1]!];
      const value = (factor * finer - coarser) / (factor - 1);
      current.push(value);
      const error = Math.max(Math.abs(value - finer), Math.abs(value - coarser));
      if (error < best.error) best = { value, error };
    }
    previous = current;
  }
  return best;
}
