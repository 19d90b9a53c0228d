/** Log-probabilities of whole responses under a model. */
import { hiddenStates, logits, type ModelConfig, type Parameters } from '../model/index.js';
import { targetLogProbs, tf } from '../tensor/index.js';
import type { TokenizedRow } from './tokenize.js';
import { disposePrefixTreeBatch, prefixTreeBatch, type PrefixTreeBatch } from './prefixTree.js';

/**
 * `log pi(y|x) = sum over t of log pi(y_t | x, y_<t)`, in nats, one a response; differentiable in the parameters.
 *
 * The language-model head runs only where a response's token is predicted.
 *
 * @returns `[responses]`, in the order of the batch's rows
 */
export function responseLogProbs(parameters: Parameters, config: ModelConfig, batch: PrefixTreeBatch): tf.Tensor1D {
  const states = hiddenStates(parameters, config, batch);
  const scores = logits(parameters, config, tf.gather(states, batch.sources));
  const perPrediction = targetLogProbs(scores, batch.targets);
  return tf.unsortedSegmentSum(
    tf.gather(perPrediction, batch.predictions),
    batch.responses,
    batch.responseTokens.length,
  );
}

/** The same as numbers, computed batch by batch and without a gradient: what a reference's log-probabilities are. */
export function computeResponseLogProbs(
  parameters: Parameters,
  config: ModelConfig,
  rows: readonly TokenizedRow[],
  batchSize = 32,
): number[] {
  const result: number[] = [];
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = prefixTreeBatch(rows.slice(start, start + batchSize));
    const sums = tf.tidy(() => responseLogProbs(parameters, config, batch));
    result.push(...sums.dataSync());
    sums.dispose();
    disposePrefixTreeBatch(batch);
  }
  return result;
}
