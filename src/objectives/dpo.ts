import { logSigmoid, tf } from '../tensor/index.js';
import type { Objective } from './objective.js';
import { rewardMargins, rewards } from './rewards.js';

/**
 * Direct preference optimization: `-log s(r_w - r_l)`, shape `[pairs]`; ln 2 where policy and reference agree.
 *
 * Only the margin counts, so both log-probabilities may fall together: what APO's anchors forbid.
 *
 * Source: Rafailov et al., Direct Preference Optimization, arXiv 2305.18290. TRL: `loss_type="sigmoid"`.
 *
 * @example
 * const { losses } = dpo(logProbs, { beta: 0.1 });
 * losses.print(); // 0.126928 (log-ratios 10 and -10)
 */
export const dpo: Objective = (logProbs, options) => ({
  losses: tf.neg(logSigmoid(rewardMargins(logProbs, options))),
  ...rewards(logProbs, options),
});
