import { logSigmoid, tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewards } from './rewards.js';

/**
 * Binary classifier optimization on pairs: `-log s(r_w) - log s(-r_l)`, shape `[pairs]`; 2 ln 2 if policy and
 * reference agree. Each response is classified separately, without the reward shift of `bco`.
 *
 * Source: Jung et al., Binary Classifier Optimization, arXiv 2404.04656. TRL: `loss_type="bco_pair"`.
 *
 * @example
 * const { losses } = bcoPair(logProbs, { beta: 0.1 });
 * losses.print(); // Tensor [0.626523] (log-ratios 10 and -10)
 */
export const bcoPair: Objective = (logProbs, options) => {
  const both = rewards(logProbs, options);
  const losses = tf.neg(tf.add<tf.Tensor1D>(logSigmoid(both.chosenRewards), logSigmoid(tf.neg(both.rejectedRewards))));
  return { losses, ...both };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly bco_pair: typeof bcoPair;
  }
}
