import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { perTokenDifferences, rewards } from './rewards.js';

/**
 * Identity preference optimization: `(D_w / |y_w| - D_l / |y_l| - 1 / (2 beta))^2`, shape `[pairs]`, in nats squared;
 * `1 / (4 beta^2)` if policy and reference agree.
 *
 * A regression of the difference to `1 / (2 beta)`: it stops there, while DPO's margin grows on. The log-ratios are
 * means per token, as in TRL and, as its authors told TRL, in the paper's experiments; `beta` is the paper's tau.
 *
 * Source: Azar et al., A General Theoretical Paradigm to Understand Learning from Human Preferences, arXiv 2310.12036,
 * equation 17. TRL: `loss_type="ipo"`.
 *
 * @example
 * const { losses } = ipo(logProbs, { beta: 0.1 });
 * losses.print(); // Tensor [2.777778] (log-ratios 10 and -10, 6 tokens each)
 */
export const ipo: Objective = (logProbs, options) => ({
  losses: tf.square(tf.sub<tf.Tensor1D>(perTokenDifferences(logProbs), 1 / (2 * options.beta))),
  ...rewards(logProbs, options),
});

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly ipo: typeof ipo;
  }
}
