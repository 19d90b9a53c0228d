import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewards } from './rewards.js';
import { oneMinusSigmoid } from './oneMinusSigmoid.js';

/**
 * APO-zero: `1 - s(r_w) + s(r_l)`, shape `[pairs]`, between 0 and 2; 1 if policy and reference agree. Raises the
 * likelihood of the chosen response and lowers that of the rejected one, each anchored at the reference.
 *
 * The paper writes `-s(r_w) + s(r_l)`; the 1 is added as in TRL, so that logged losses can be compared. The gradient
 * is the same.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266 equation 7 (as cited by TRL). TRL: `loss_type="apo_zero"`.
 *
 * @example
 * const { losses } = apoZero(logProbs, { beta: 0.1 });
 * losses.print(); // Tensor [0.537883] (log-ratios 10 and -10)
 */
export const apoZero: Objective = (logProbs, options) => {
  const both = rewards(logProbs, options);
  return { losses: tf.add(oneMinusSigmoid(both.chosenRewards), tf.sigmoid(both.rejectedRewards)), ...both };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly apo_zero: typeof apoZero;
  }
}
