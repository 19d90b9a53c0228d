import { smoothedLosses } from './labelSmoothing.js';
import type { Objective } from '../objective.js';
import { rewardMargins, rewards } from './rewards.js';

/**
 * Direct preference optimization: `-log s(r_w - r_l)`, shape `[pairs]`; ln 2 if policy and reference agree.
 *
 * Only the margin counts, so both log-probabilities may fall together; APO's anchors prevent that. With `labelSmoothing` it is
 * conservative DPO, `-(1 - e) log s(m) - e log s(-m)`, whose margin converges to `log((1 - e) / e)`. Earlier versions of TRL do the
 * same; the DPOTrainer of TRL 1.16 ignores `label_smoothing` for this loss.
 *
 * Source: Rafailov et al., Direct Preference Optimization, arXiv 2305.18290, equation 7. TRL: `loss_type="sigmoid"`.
 *
 * @throws ApolabError if `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = dpo(logProbs, { beta: 0.1 });
 * losses.print(); // Tensor [0.126928] (log-ratios 10 and -10)
 */
export const dpo: Objective = (logProbs, options) => ({
  losses: smoothedLosses(rewardMargins(logProbs, options), options),
  ...rewards(logProbs, options),
});

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly dpo: typeof dpo;
  }
}
