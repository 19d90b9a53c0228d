/** The implicit rewards: every objective uses them, every trainer logs them. */
import { tf } from '../../tensor/index.js';
import type { ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from '../objective.js';

type Rewards = Omit<ObjectiveResult, 'losses'>;

/**
 * The implicit rewards `r = beta (log pi(y|x) - log ref(y|x))` of both responses, each of shape `[pairs]`, in nats.
 * At the first step both are 0, because policy and reference agree.
 *
 * Source: Rafailov et al., Direct Preference Optimization, arXiv 2305.18290.
 *
 * @example
 * const { chosenRewards } = rewards(logProbs, { beta: 0.1 });
 * chosenRewards.print(); // Tensor [1] (log-ratio 10)
 */
export function rewards(logProbs: ResponseLogProbs, { beta }: ObjectiveOptions): Rewards {
  const { chosen, rejected } = logRatios(logProbs);
  return { chosenRewards: tf.mul(chosen, beta), rejectedRewards: tf.mul(rejected, beta) };
}

/**
 * The reward margins `r_w - r_l`, shape `[pairs]`. The log-ratios are subtracted before they are scaled, as in TRL: that
 * is more exact if two large log-ratios nearly cancel.
 *
 * @example
 * rewardMargins(logProbs, { beta: 0.1 }).print(); // Tensor [2] (log-ratios 10 and -10)
 */
export function rewardMargins(logProbs: ResponseLogProbs, { beta }: ObjectiveOptions): tf.Tensor1D {
  const { chosen, rejected } = logRatios(logProbs);
  return tf.mul(tf.sub(chosen, rejected), beta);
}

/**
 * The log-ratios `D = log pi(y|x) - log ref(y|x)` of both responses, each of shape `[pairs]`, in nats.
 *
 * @example
 * logRatios(logProbs).rejected.print(); // Tensor [-10]
 */
export function logRatios(logProbs: ResponseLogProbs): { chosen: tf.Tensor1D; rejected: tf.Tensor1D } {
  return {
    chosen: tf.sub(logProbs.policyChosen, logProbs.referenceChosen),
    rejected: tf.sub(logProbs.policyRejected, logProbs.referenceRejected),
  };
}

/**
 * `D_w / |y_w| - D_l / |y_l|`: the difference of the log-ratios per token, shape `[pairs]`, which does not depend on
 * the length of a response.
 *
 * @example
 * perTokenDifferences(logProbs).print(); // Tensor [3.333333] (log-ratios 10 and -10, 6 tokens each)
 */
export function perTokenDifferences(logProbs: ResponseLogProbs): tf.Tensor1D {
  const { chosen, rejected } = logRatios(logProbs);
  return tf.sub(tf.div(chosen, logProbs.chosenTokens), tf.div(rejected, logProbs.rejectedTokens));
}

/**
 * The log-probabilities per token of both responses, `log pi(y|x) / |y|`, each of shape `[pairs]`.
 *
 * @example
 * perTokenLogProbs(logProbs).chosen.print(); // Tensor [-6.666667] (-40 over 6 tokens)
 */
export function perTokenLogProbs(logProbs: ResponseLogProbs): { chosen: tf.Tensor1D; rejected: tf.Tensor1D } {
  return {
    chosen: tf.div(logProbs.policyChosen, logProbs.chosenTokens),
    rejected: tf.div(logProbs.policyRejected, logProbs.rejectedTokens),
  };
}

/**
 * The rewards of an objective without a reference: `beta` times the log-probabilities that its loss uses, each of shape `[pairs]`.
 *
 * @example
 * const { chosenRewards } = referenceFreeRewards(perTokenLogProbs(logProbs), { beta: 0.1 });
 * chosenRewards.print(); // Tensor [-0.666667] (-40 over 6 tokens)
 */
export function referenceFreeRewards(
  { chosen, rejected }: { readonly chosen: tf.Tensor1D; readonly rejected: tf.Tensor1D },
  { beta }: ObjectiveOptions,
): Rewards {
  return { chosenRewards: tf.mul(chosen, beta), rejectedRewards: tf.mul(rejected, beta) };
}
