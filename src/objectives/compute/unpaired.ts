import { tf } from '../../tensor/index.js';
import type { ObjectiveOptions } from '../objective.js';

/**
 * The losses of an unpaired objective, those of each label times its weight: a tensor of the desirable (chosen) responses and one
 * of the undesirable responses become one, the desirable ones first.
 *
 * @example
 * unpaired(tf.tensor1d([1]), tf.tensor1d([2]), { beta: 0.1, desirableWeight: 3 }).print(); // Tensor [3, 2]
 */
export function unpaired(desirable: tf.Tensor1D, undesirable: tf.Tensor1D, options: ObjectiveOptions): tf.Tensor1D {
  const { desirableWeight = 1, undesirableWeight = 1 } = options;
  return tf.concat1d([
    tf.mul<tf.Tensor1D>(desirable, desirableWeight),
    tf.mul<tf.Tensor1D>(undesirable, undesirableWeight),
  ]);
}
