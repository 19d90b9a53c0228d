import { tf } from '../../tensor/index.js';
import type { ResponseLogProbs } from '../objective.js';

/**
 * The chosen responses' negative log-likelihood, `-log pi(y_w|x) / mean(|y_w|)`, shape `[pairs]`, in nats a token.
 *
 * Dividing by the batch's mean length, not by each response's own, makes the mean over the batch the mean over all its
 * response tokens, which is what a cross-entropy loss over the batch is.
 *
 * @example
 * negativeLogLikelihood({ ...logProbs, policyChosen: tf.tensor1d([-12]), chosenTokens: tf.tensor1d([6]) }).print(); // 2
 */
export function negativeLogLikelihood({ policyChosen, chosenTokens }: ResponseLogProbs): tf.Tensor1D {
  return tf.neg(tf.div<tf.Tensor1D>(policyChosen, tf.mean(chosenTokens)));
}
