import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewards } from './rewards.js';
import { oneMinusSigmoid } from './oneMinusSigmoid.js';
import { unpaired } from './unpaired.js';

/**
 * APO-zero on single responses: `1 - s(r)` for a desirable one, `s(r)` for an undesirable one; shape `[2 * pairs]`,
 * chosen first; 0.5 each if policy and reference agree. There is no KL term. The mean is over twice as many examples as for
 * APO-zero, so loss and gradient are half of APO-zero's.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266; this is the unpaired variant of its equation 7 that TRL's KTOTrainer has as
 * `loss_type="apo_zero_unpaired"`.
 *
 * @example
 * const { losses } = apoZeroUnpaired(logProbs, { beta: 0.1 });
 * losses.print(); // Tensor [0.268941, 0.268941] (log-ratios 10 and -10)
 */
export const apoZeroUnpaired: Objective = (logProbs, options) => {
  const both = rewards(logProbs, options);
  return { losses: unpaired(oneMinusSigmoid(both.chosenRewards), tf.sigmoid(both.rejectedRewards), options), ...both };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly apo_zero_unpaired: typeof apoZeroUnpaired;
  }
}
