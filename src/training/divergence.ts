/**
 * KTO's estimate of how far the policy has moved from its reference.
 *
 * As in TRL, a prompt is put together with another example's response: a text that nobody preferred, so its log-ratio
 * says how far the policy drifted in general.
 */
import type { ModelConfig, Parameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { EncodedPair, EncodedRow } from './encode.js';
import { disposeTreeBatch, treeBatch } from './responseTree.js';
import { responseLogProbs } from './responseLogProbs.js';

/**
 * `max(0, mean of log pi(y|x) - log ref(y|x))` over mismatched `x` and `y`, in nats, without a gradient.
 *
 * Each prompt takes both responses of the pair before it, the first those of the last: what TRL's KTOTrainer does with a
 * batch of the chosen responses followed by the rejected ones. A batch of one pair has no other pair and gives 0.
 */
export function divergence(
  policy: Parameters,
  reference: Parameters,
  config: ModelConfig,
  pairs: readonly EncodedPair[],
): number {
  if (pairs.length < 2) return 0;
  const batch = treeBatch(mismatched(pairs));
  const mean = tf.tidy(() =>
    tf.mean(tf.sub(responseLogProbs(policy, config, batch), responseLogProbs(reference, config, batch))),
  );
  const value = mean.dataSync()[0]!;
  mean.dispose();
  disposeTreeBatch(batch);
  return Math.max(0, value);
}

function mismatched(pairs: readonly EncodedPair[]): EncodedRow[] {
  return pairs.map(({ prompt }, index) => ({ prompt, responses: pairs.at(index - 1)!.responses }));
}
