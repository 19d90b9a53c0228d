/**
 * KTO's estimate of how far the policy has moved from its reference.
 *
 * As in TRL, prompt i of the batch is put together with another example's response: a pair of prompt and response that
 * nobody preferred, so its log-ratio says how far the policy drifted in general.
 */
import type { ModelConfig, Parameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { EncodedPair, EncodedRow } from './encode.js';
import { disposeTreeBatch, treeBatch } from './responseTree.js';
import { responseLogProbs } from './responseLogProbs.js';

/**
 * `max(0, mean over i of log pi(y_{i+1}|x_i) - log ref(y_{i+1}|x_i))`, in nats, without a gradient.
 *
 * Prompt i takes the response of pair i + 1, the chosen one where i is even and the rejected one where it is odd. A batch
 * of one pair has no other response and gives 0.
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
  return pairs.map(({ prompt }, index) => {
    const next = pairs[(index + 1) % pairs.length]!;
    return { prompt, responses: [next.responses[index % 2]!] };
  });
}
