import { ApolabError } from '../../core/errors.js';
import { tf } from '../../tensor/index.js';
import { smoothedLosses } from './labelSmoothing.js';
import type { Objective } from '../objective.js';
import { logRatios, rewards } from './rewards.js';

/**
 * DPO-positive: `-log s(beta (D_w - D_l - lambda max(0, -D_w)))`, shape `[pairs]`; ln 2 if policy and reference
 * agree. `lambda` is `penaltyWeight`.
 *
 * This is DPO with a penalty on a chosen response that is less likely than under the reference. Without such a response it equals
 * DPO.
 *
 * Source: Pal et al., Smaug: Fixing Failure Modes of Preference Optimisation with DPO-Positive, arXiv 2402.13228. TRL
 * has no such loss.
 *
 * @throws ApolabError if `penaltyWeight` is missing or negative, or if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = dpop(logProbs, { beta: 0.1, penaltyWeight: 50 });
 * losses.print(); // Tensor [0.126928] (log-ratios 10 and -10)
 */
export const dpop: Objective = (logProbs, options) => {
  const { beta, penaltyWeight = NaN } = options;
  if (!(penaltyWeight >= 0)) {
    throw new ApolabError(
      `DPOP's penaltyWeight is ${options.penaltyWeight}; it must be 0 or more: the weight of the penalty on ` +
        'a chosen response that is less likely than under the reference. 50 is usual; 0 is DPO.',
    );
  }
  const { chosen, rejected } = logRatios(logProbs);
  const penalty = tf.mul<tf.Tensor1D>(tf.relu(tf.neg(chosen)), penaltyWeight);
  const margins = tf.mul<tf.Tensor1D>(tf.sub(tf.sub(chosen, rejected), penalty), beta);
  return { losses: smoothedLosses(margins, options), ...rewards(logProbs, options) };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly dpop: typeof dpop;
  }
}
