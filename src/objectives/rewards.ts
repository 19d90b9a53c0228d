/** The implicit rewards that every objective is built from and every trainer logs. */
import { tf } from '../tensor/index.js';
import type { ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from './objective.js';

/**
 * The implicit rewards `r = beta (log pi(y|x) - log ref(y|x))` of both responses, each of shape `[pairs]`, in nats.
 * At the first step policy and reference agree and both are 0.
 *
 * Source: Rafailov et al., Direct Preference Optimization, arXiv 2305.18290.
 *
 * @example
 * const { chosenRewards } = rewards(logProbs, { beta: 0.1 });
 * chosenRewards.print(); // 1 (log-ratio 10)
 */
export function rewards(logProbs: ResponseLogProbs, { beta }: ObjectiveOptions): Omit<ObjectiveResult, 'losses'> {
  const { chosen, rejected } = logRatios(logProbs);
  return { chosenRewards: tf.mul(chosen, beta), rejectedRewards: tf.mul(rejected, beta) };
}

/**
 * The reward margins `r_w - r_l`, shape `[pairs]`. The log-ratios are subtracted before they are scaled, as TRL does:
 * one rounding less where two large log-ratios nearly cancel.
 *
 * @example
 * rewardMargins(logProbs, { beta: 0.1 }).print(); // 2 (log-ratios 10 and -10)
 */
export function rewardMargins(logProbs: ResponseLogProbs, { beta }: ObjectiveOptions): tf.Tensor1D {
  const { chosen, rejected } = logRatios(logProbs);
  return tf.mul(tf.sub(chosen, rejected), beta);
}

function logRatios(logProbs: ResponseLogProbs): { chosen: tf.Tensor1D; rejected: tf.Tensor1D } {
  return {
    chosen: tf.sub(logProbs.policyChosen, logProbs.referenceChosen),
    rejected: tf.sub(logProbs.policyRejected, logProbs.referenceRejected),
  };
}
