/**
 * KTO's estimate of how far the policy has moved from its reference.
 *
 * As in TRL, a prompt is put together with another example's response: a text that nobody preferred, so its log-ratio
 * says how far the policy drifted in general.
 */
import type { ModelConfig, Parameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedPair, TokenizedRow } from './tokenize.js';
import { prefixTreeBatch } from './prefixTree.js';
import { responseLogProbs } from './responseLogProbs.js';

/**
 * `max(0, mean of log pi(y|x) - log ref(y|x))` over mismatched `x` and `y`, in nats, without a gradient: to be called
 * outside of the function that is differentiated. The caller disposes of it.
 *
 * Each prompt takes both responses of the pair before it, the first those of the last: what TRL's KTOTrainer does with a
 * batch of the chosen responses followed by the rejected ones. A batch of one pair has no other pair and gives 0.
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

function mismatched(pairs: readonly TokenizedPair[]): TokenizedRow[] {
  return pairs.map(({ prompt }, index) => ({ prompt, responses: pairs.at(index - 1)!.responses }));
}
