/**
 * KTO's estimate of KL(policy || reference).
 *
 * As in TRL, each prompt is combined with the responses of another row. Such a combination was not trained on, so its log-ratio
 * measures how far the policy has moved in general.
 */
import type { ModelConfig, Parameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedRow } from './tokenize.js';
import { prefixTreeBatch } from './prefixTree.js';
import { responseLogProbs } from './responseLogProbs.js';

/**
 * The KL estimate of a batch, `max(0, mean(log pi(y'|x) - log ref(y'|x)))`, in nats. It has no gradient: call it outside of the
 * differentiated function.
 *
 * Each prompt `x` gets the responses `y'` of the row before it, the first prompt those of the last row. TRL's KTOTrainer does the
 * same with a batch of single responses; for pairs, with a batch of the chosen responses followed by the rejected ones. A batch
 * with one pair gives 0. A batch with one single response combines it with its own prompt, as TRL does.
 *
 * Source: Ethayarajh et al. 2024, arXiv 2402.01306, section 4.1 (the estimate of z_0).
 *
 * @param rows pairs or unpaired examples, before they are cut
 * @param maxLength most tokens of a combination, which is cut at the end; nothing is cut without it
 * @returns a scalar that the caller disposes of
 */
export function klEstimate(
  policy: Parameters,
  reference: Parameters,
  config: ModelConfig,
  rows: readonly TokenizedRow[],
  maxLength?: number,
): tf.Scalar {
  if (rows.length === 1 && rows[0]!.responses.length > 1) return tf.scalar(0);
  return tf.tidy(() => {
    const batch = prefixTreeBatch(mismatched(rows, maxLength));
    const ratios = tf.sub(responseLogProbs(policy, config, batch), responseLogProbs(reference, config, batch));
    return tf.maximum<tf.Scalar>(tf.mean(ratios), 0);
  });
}

/** Each prompt with the responses of the row before it. */
function mismatched(rows: readonly TokenizedRow[], maxLength = Infinity): TokenizedRow[] {
  return rows.map(({ prompt }, index) => ({
    prompt,
    responses: rows.at(index - 1)!.responses.map((response) => response.slice(0, maxLength - prompt.length)),
  }));
}
