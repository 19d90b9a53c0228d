import { logSigmoid, tf } from '../../tensor/index.js';
import { checkedLabelSmoothing } from './labelSmoothing.js';
import type { Objective } from '../objective.js';
import { rewardMargins, rewards } from './rewards.js';

/**
 * Robust DPO: `(-(1 - e) log s(m) + e log s(-m)) / (1 - 2e)` of the margin `m = r_w - r_l`, shape `[pairs]`; ln 2 if
 * policy and reference agree. `e = labelSmoothing` is the share of flipped labels.
 *
 * Its mean over labels that are flipped with probability `e` is DPO's loss on the true labels; for conservative DPO (`dpo` with
 * `labelSmoothing`) this does not hold. A single loss can be negative, and has no lower bound as the margin falls.
 *
 * Source: Chowdhury et al., Provably Robust DPO, arXiv 2403.00409. TRL: `loss_type="robust"`.
 *
 * @throws ApolabError if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = robustDpo(logProbs, { beta: 0.1, labelSmoothing: 0.1 });
 * losses.print(); // Tensor [-0.123072] (log-ratios 10 and -10)
 */
export const robustDpo: Objective = (logProbs, options) => {
  const flipped = checkedLabelSmoothing(options);
  const margins = rewardMargins(logProbs, options);
  const right = tf.mul<tf.Tensor1D>(tf.neg(logSigmoid(margins)), (1 - flipped) / (1 - 2 * flipped));
  const wrong = tf.mul<tf.Tensor1D>(tf.neg(logSigmoid(tf.neg(margins))), flipped / (1 - 2 * flipped));
  return { losses: tf.sub(right, wrong), ...rewards(logProbs, options) };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly robust_dpo: typeof robustDpo;
  }
}
