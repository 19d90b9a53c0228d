/** Losses that assume that some pairs have chosen and rejected exchanged. */
import { ApolabError } from '../../core/errors.js';
import { logSigmoid, tf } from '../../tensor/index.js';
import type { ObjectiveOptions } from '../objective.js';

/**
 * `-(1 - e) log s(m) - e log s(-m)` of margins `m`, same shape: the cross-entropy against labels that are right with
 * probability `1 - e`. With `e = options.labelSmoothing = 0` it is `-log s(m)`.
 *
 * Source: Mitchell, A note on DPO with noisy preferences (conservative DPO), 2023, equation 3.
 *
 * @throws ApolabError if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * smoothedLosses(tf.tensor1d([2]), { beta: 0.1, labelSmoothing: 0.1 }).print(); // Tensor [0.326928]
 */
export function smoothedLosses(margins: tf.Tensor1D, options: ObjectiveOptions): tf.Tensor1D {
  const flipped = checkedLabelSmoothing(options);
  const right = tf.neg(logSigmoid(margins));
  if (flipped === 0) return right;
  const wrong = tf.neg(logSigmoid(tf.neg(margins)));
  return tf.add(tf.mul(right, 1 - flipped), tf.mul(wrong, flipped));
}

/**
 * `options.labelSmoothing`; 0 by default.
 *
 * @throws ApolabError if it is not from 0 to below 0.5.
 * @example
 * checkedLabelSmoothing({ beta: 0.1 }); // 0
 */
export function checkedLabelSmoothing({ labelSmoothing = 0 }: ObjectiveOptions): number {
  if (labelSmoothing >= 0 && labelSmoothing < 0.5) return labelSmoothing;
  throw new ApolabError(
    `labelSmoothing is ${labelSmoothing}; it must be from 0 to below 0.5: the assumed share of pairs with chosen and rejected ` +
      'exchanged. If that is more than half, exchange them in the data.',
  );
}
