import { tf } from '../tensor/index.js';
import type { Objective } from './objective.js';
import { rewards } from './rewards.js';

/**
 * Supervised fine-tuning on the chosen responses: `-log pi(y_w|x) / mean(|y_w|)`, shape `[pairs]`, in nats a token.
 *
 * Dividing by the batch's mean length, not by each response's own, makes the mean over the batch the mean over all its
 * response tokens: the loss TRL's SFTTrainer minimises. Where micro-batches accumulate to a step, that mean runs over the
 * step: `logProbs.meanChosenTokens`. The rejected responses and the reference only reach the rewards
 * that are logged.
 *
 * Source: TRL 1.16, SFTTrainer with `completion_only_loss`; DPOTrainer's `loss_type="sft"` is the same.
 *
 * @example
 * const { losses } = sft({ ...logProbs, policyChosen: tf.tensor1d([-12]), chosenTokens: tf.tensor1d([6]) }, { beta: 0.1 });
 * losses.print(); // 2
 */
export const sft: Objective = (logProbs, options) => ({
  losses: tf.neg(
    tf.div<tf.Tensor1D>(logProbs.policyChosen, logProbs.meanChosenTokens ?? tf.mean(logProbs.chosenTokens)),
  ),
  ...rewards(logProbs, options),
});
