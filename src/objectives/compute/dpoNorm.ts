import { tf } from '../../tensor/index.js';
import { smoothedLosses } from './labelSmoothing.js';
import type { Objective } from '../objective.js';
import { perTokenDifferences, rewards } from './rewards.js';

/**
 * Length-normalised DPO: `-log s(beta (D_w / |y_w| - D_l / |y_l|))`, shape `[pairs]`; ln 2 if policy and reference
 * agree.
 *
 * The log-ratio of a long response is a sum of more terms, so DPO's margin can grow with length alone; a mean per token cannot. The
 * mean is smaller than the sum, so `beta` is larger than DPO's. The logged rewards are DPO's: sums over the response.
 *
 * Source: Lambert et al., Tulu 3, arXiv 2411.15124 (with beta 5). TRL: `loss_type="sigmoid_norm"`.
 *
 * @throws ApolabError if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = dpoNorm(logProbs, { beta: 0.6 });
 * losses.print(); // Tensor [0.126928] (log-ratios 10 and -10, 6 tokens each)
 */
export const dpoNorm: Objective = (logProbs, options) => ({
  losses: smoothedLosses(tf.mul(perTokenDifferences(logProbs), options.beta), options),
  ...rewards(logProbs, options),
});

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly dpo_norm: typeof dpoNorm;
  }
}
