import { ApolabError } from '../../core/errors.js';
import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewards } from './rewards.js';
import { oneMinusSigmoid } from './oneMinusSigmoid.js';
import { unpaired } from './unpaired.js';

/**
 * Kahneman-Tversky optimization: `1 - s(beta (D - KL))` for a desirable response, `1 - s(beta (KL - D))` for an
 * undesirable one; shape `[2 * pairs]`, chosen first; 0.5 each if policy and reference agree.
 *
 * `KL` is `logProbs.kl`, the mean log-ratio of mismatched prompts and responses, clamped at 0 and without a
 * gradient. TRL 1.16 pairs each prompt with the response before it in the batch (the first prompt with the last
 * response), so a batch needs at least two examples.
 *
 * Source: Ethayarajh et al., KTO, arXiv 2402.01306 equation 7 (as cited by TRL). TRL: KTOTrainer, `loss_type="kto"`.
 *
 * @throws ApolabError if `logProbs.kl` is missing.
 * @example
 * const { losses } = kto({ ...logProbs, kl: tf.scalar(0) }, { beta: 0.1 });
 * losses.print(); // Tensor [0.268941, 0.268941] (log-ratios 10 and -10)
 */
export const kto: Objective = (logProbs, options) => {
  if (logProbs.kl === undefined) {
    throw new ApolabError(
      'KTO needs `kl`, its estimate of KL(policy || reference) over the batch, which is missing. ' +
        'Give a scalar of 0 or more (the trainer computes it from mismatched pairs of prompt and response), ' +
        'or use apo_zero_unpaired, which has no such term.',
    );
  }
  const both = rewards(logProbs, options);
  const anchor = tf.mul<tf.Scalar>(logProbs.kl, options.beta);
  const desirable = oneMinusSigmoid<tf.Tensor1D>(tf.sub(both.chosenRewards, anchor));
  const undesirable = oneMinusSigmoid<tf.Tensor1D>(tf.sub(anchor, both.rejectedRewards));
  return { losses: unpaired(desirable, undesirable, options), ...both };
};

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly kto: typeof kto;
  }
}
