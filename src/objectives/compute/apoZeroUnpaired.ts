import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewards } from './rewards.js';
import { oneMinusSigmoid } from './oneMinusSigmoid.js';
import { unpaired } from './unpaired.js';

/**
 * APO-zero on single responses: `1 - s(r)` of a desirable one, `s(r)` of an undesirable one; shape `[2 * pairs]`, chosen
 * first; 0.5 each where policy and reference agree. No KL term. Its mean runs over twice as many examples as APO-zero's,
 * so loss and gradient are half of it.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266, as TRL's KTOTrainer does it with `loss_type="apo_zero_unpaired"`.
 *
 * @example
 * const { losses } = apoZeroUnpaired(logProbs, { beta: 0.1 });
 * losses.print(); // 0.268941, 0.268941 (log-ratios 10 and -10)
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
