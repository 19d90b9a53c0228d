import { ApolabError } from '../../core/errors.js';
import { logSigmoid, tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewards } from './rewards.js';
import { unpaired } from './unpaired.js';

/**
 * Binary classifier optimization on single responses: `-log s(r - delta)` for a desirable one, `-log s(delta - r)` for an
 * undesirable one; shape `[2 * pairs]`, chosen first; ln 2 each if policy and reference agree.
 *
 * `delta` is `logProbs.rewardShift`, the running mean of the rewards of both kinds up to this batch. It is the threshold of the
 * classifier.
 *
 * Source: Jung et al., Binary Classifier Optimization, arXiv 2404.04656. TRL 1.16 has no trainer for it; the BCOTrainer
 * of earlier versions computes the same, with the same running mean.
 *
 * @throws ApolabError if `logProbs.rewardShift` is missing.
 * @example
 * const { losses } = bco({ ...logProbs, rewardShift: tf.scalar(0) }, { beta: 0.1 });
 * losses.print(); // Tensor [0.313262, 0.313262] (log-ratios 10 and -10)
 */
export const bco: Objective = (logProbs, options) => {
  if (logProbs.rewardShift === undefined) {
    throw new ApolabError(
      'BCO needs `rewardShift`, the running mean of the rewards so far, which is missing. ' +
        'Give a scalar (the trainer computes the mean), or use bco_pair, which has no such term.',
    );
  }
  const both = rewards(logProbs, options);
  const desirable = tf.neg(logSigmoid(tf.sub<tf.Tensor1D>(both.chosenRewards, logProbs.rewardShift)));
  const undesirable = tf.neg(logSigmoid(tf.sub<tf.Tensor1D>(logProbs.rewardShift, both.rejectedRewards)));
  return { losses: unpaired(desirable, undesirable, options), ...both };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly bco: typeof bco;
  }
}
