import type { Objective } from '../objective.js';
import { negativeLogLikelihood } from './likelihood.js';
import { rewards } from './rewards.js';

/**
 * Supervised fine-tuning on the chosen responses: `-log pi(y_w|x) / mean(|y_w|)`, shape `[pairs]`, in nats per token. The
 * mean over the batch is the mean over all response tokens, as in TRL's SFTTrainer. The rejected responses and the reference are
 * used only for the logged rewards.
 *
 * Source: TRL 1.16, SFTTrainer with `completion_only_loss`; DPOTrainer's `loss_type="sft"` is the same.
 *
 * @example
 * const { losses } = sft({ ...logProbs, policyChosen: tf.tensor1d([-12]), chosenTokens: tf.tensor1d([6]) }, { beta: 0.1 });
 * losses.print(); // Tensor [2]
 */
export const sft: Objective = (logProbs, options) => ({
  losses: negativeLogLikelihood(logProbs),
  ...rewards(logProbs, options),
});

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly sft: typeof sft;
  }
}
