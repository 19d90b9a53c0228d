import { tf } from '../../tensor/index.js';
import type { ResponseLogProbs } from '../objective.js';

/**
 * The chosen responses' negative log-likelihood, `-log pi(y_w|x) / mean(|y_w|)`, shape `[pairs]`, in nats per token.
 *
 * Each is divided by the mean length in the batch, not by its own length, so that the mean over the batch is the mean over all
 * response tokens: the cross-entropy loss of the batch.
 *
 * @example
 * negativeLogLikelihood({ ...logProbs, policyChosen: tf.tensor1d([-12]), chosenTokens: tf.tensor1d([6]) }).print(); // Tensor [2]
 */
export function negativeLogLikelihood({ policyChosen, chosenTokens }: ResponseLogProbs): tf.Tensor1D {
  return tf.neg(tf.div<tf.Tensor1D>(policyChosen, tf.mean(chosenTokens)));
}
