import { tf } from '../../tensor/index.js';
import { smoothedLosses } from './labelSmoothing.js';
import { negativeLogLikelihood } from './likelihood.js';
import type { Objective } from '../objective.js';
import { perTokenLogProbs, referenceFreeRewards } from './rewards.js';

/**
 * Simple preference optimization: `-log s(beta (log pi(y_w|x) / |y_w| - log pi(y_l|x) / |y_l|) - gamma)`, shape
 * `[pairs]`.
 *
 * The reward is the mean log-probability per token, by which decoding ranks responses. It needs no reference and does not grow with
 * length. With `likelihoodWeight` the chosen responses' negative log-likelihood is added, as in CPO.
 *
 * Source: Meng et al., SimPO, arXiv 2405.14734. TRL: CPOTrainer, `loss_type="simpo"` with `cpo_alpha=0`.
 *
 * @throws ApolabError if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = simpo(logProbs, { beta: 2, gamma: 1 });
 * losses.print(); // Tensor [0.092554] (-40 and -50 nats over 6 tokens each)
 */
export const simpo: Objective = (logProbs, options) => {
  const { beta, gamma = 0, likelihoodWeight = 0 } = options;
  const both = perTokenLogProbs(logProbs);
  const margins = tf.sub<tf.Tensor1D>(tf.mul(tf.sub(both.chosen, both.rejected), beta), gamma);
  const likelihood = tf.mul<tf.Tensor1D>(negativeLogLikelihood(logProbs), likelihoodWeight);
  return {
    losses: tf.add(smoothedLosses(margins, options), likelihood),
    ...referenceFreeRewards(both, options),
  };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly simpo: typeof simpo;
  }
}
