/**
 * KTO's estimate of KL(policy || reference).
 *
 * As in TRL, each prompt is combined with the responses of another pair. Such a combination was not trained on, so its log-ratio
 * measures how far the policy has moved in general.
 */
import type { ModelConfig, Parameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedPair, TokenizedRow } from './tokenize.js';
import { prefixTreeBatch } from './prefixTree.js';
import { responseLogProbs } from './responseLogProbs.js';

/**
 * The KL estimate of a batch, `max(0, mean(log pi(y'|x) - log ref(y'|x)))`, in nats. It has no gradient: call it outside of the
 * differentiated function.
 *
 * Each prompt `x` gets both responses `y'` of the pair before it, the first prompt those of the last pair. TRL's KTOTrainer does the
 * same with a batch of the chosen responses followed by the rejected ones. A batch with one pair gives 0.
 *
 * Source: Ethayarajh et al. 2024, arXiv 2402.01306, section 4.1 (the estimate of z_0).
 *
 * @returns a scalar that the caller disposes of
 */
export function klEstimate(
  policy: Parameters,
  reference: Parameters,
  config: ModelConfig,
  pairs: readonly TokenizedPair[],
): tf.Scalar {
  if (pairs.length < 2) return tf.scalar(0);
  return tf.tidy(() => {
    const batch = prefixTreeBatch(mismatched(pairs));
    const ratios = tf.sub(responseLogProbs(policy, config, batch), responseLogProbs(reference, config, batch));
    return tf.maximum<tf.Scalar>(tf.mean(ratios), 0);
  });
}

/** Each prompt with the responses of the pair before it. */
function mismatched(pairs: readonly TokenizedPair[]): TokenizedRow[] {
  return pairs.map(({ prompt }, index) => ({ prompt, responses: pairs.at(index - 1)!.responses }));
}
