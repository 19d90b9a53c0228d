import { tf } from '../../tensor/index.js';
import { smoothedLosses } from './labelSmoothing.js';
import { negativeLogLikelihood } from './likelihood.js';
import type { Objective } from '../objective.js';
import { referenceFreeRewards } from './rewards.js';

/**
 * Contrastive preference optimization: `-log s(beta (log pi(y_w|x) - log pi(y_l|x))) + alpha nll`, shape `[pairs]`,
 * with `nll = -log pi(y_w|x) / mean(|y_w|)`; `alpha` is `likelihoodWeight`.
 *
 * This is DPO with a uniform reference, so no second model is needed; the likelihood term replaces the reference.
 *
 * Source: Xu et al., Contrastive Preference Optimization, arXiv 2401.08417. TRL: CPOTrainer, `loss_type="sigmoid"`.
 *
 * @throws ApolabError if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = cpo(logProbs, { beta: 0.1, likelihoodWeight: 1 });
 * losses.print(); // Tensor [6.979928] (0.313262, and 40 nats over 6 tokens)
 */
export const cpo: Objective = (logProbs, options) => {
  const { policyChosen, policyRejected } = logProbs;
  const margins = tf.mul<tf.Tensor1D>(tf.sub(policyChosen, policyRejected), options.beta);
  const likelihood = tf.mul<tf.Tensor1D>(negativeLogLikelihood(logProbs), options.likelihoodWeight ?? 0);
  return {
    losses: tf.add(smoothedLosses(margins, options), likelihood),
    ...referenceFreeRewards({ chosen: policyChosen, rejected: policyRejected }, options),
  };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly cpo: typeof cpo;
  }
}
