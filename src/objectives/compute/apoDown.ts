import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewardMargins, rewards } from './rewards.js';
import { oneMinusSigmoid } from './oneMinusSigmoid.js';

/**
 * APO-down: `1 + s(r_w) - s(r_w - r_l)`, shape `[pairs]`, between 0 and 2; 1 if policy and reference agree. Lowers the
 * likelihood of both responses, that of the rejected one more.
 *
 * The paper writes `s(r_w) - s(r_w - r_l)`; the 1 is added as in TRL, so that logged losses can be compared.
 * Both terms use raw log-ratios (an older TRL mixed raw and transformed ones: trl issue 6441).
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266 equation 8 (as cited by TRL). TRL: `loss_type="apo_down"`.
 *
 * @example
 * const { losses } = apoDown(logProbs, { beta: 0.1 });
 * losses.print(); // Tensor [0.850261] (log-ratios 10 and -10)
 */
export const apoDown: Objective = (logProbs, options) => {
  const both = rewards(logProbs, options);
  const margins = rewardMargins(logProbs, options);
  return { losses: tf.add(tf.sigmoid(both.chosenRewards), oneMinusSigmoid(margins)), ...both };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly apo_down: typeof apoDown;
  }
}
