import { tf } from '../../tensor/index.js';

/**
 * `1 - s(x)`, any shape, computed as `s(-x)`: if `s(x)` rounds to 1, the difference would lose every digit.
 *
 * @example
 * oneMinusSigmoid(tf.tensor1d([0])).print(); // Tensor [0.5]
 */
export function oneMinusSigmoid<T extends tf.Tensor>(x: T): T {
  return tf.sigmoid(tf.neg(x));
}
