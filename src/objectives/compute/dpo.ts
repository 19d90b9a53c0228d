import { smoothedLosses } from './labelSmoothing.js';
import type { Objective } from '../objective.js';
import { rewardMargins, rewards } from './rewards.js';

/**
 * Direct preference optimization: `-log s(r_w - r_l)`, shape `[pairs]`; ln 2 where policy and reference agree.
 *
 * Only the margin counts, so both log-probabilities may fall together: what APO's anchors forbid. With `labelSmoothing`
 * it is conservative DPO, `-(1 - e) log s(m) - e log s(-m)`, whose margin stops at `log((1 - e) / e)`; TRL 1.16's
 * DPOTrainer ignores `label_smoothing` there, its earlier versions did the same as this.
 *
 * Source: Rafailov et al., Direct Preference Optimization, arXiv 2305.18290. TRL: `loss_type="sigmoid"`.
 *
 * @throws ApolabError where `labelSmoothing` is not from 0 to below 0.5.
 * @example
 * const { losses } = dpo(logProbs, { beta: 0.1 });
 * losses.print(); // 0.126928 (log-ratios 10 and -10)
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
