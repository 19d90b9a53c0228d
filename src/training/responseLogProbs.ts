/** Log-probabilities of complete responses under a model. */
import {
  checkMemory,
  forwardBytes,
  hiddenStates,
  targetLogProbs,
  type ModelConfig,
  type Parameters,
} from '../model/index.js';
import { read, segmentSum, tf } from '../tensor/index.js';
import type { TokenizedRow } from './tokenize.js';
import { disposePrefixTreeBatch, prefixTreeBatch, worstBatch, type PrefixTreeBatch } from './prefixTree.js';

/**
 * The log-probability of each response, `log pi(y|x) = sum over t of log pi(y_t | x, y_<t)`, in nats; differentiable in the
 * parameters. The language-model head runs only for the tokens that predict a token of a response.
 *
 * @returns `[responses]`, in the order of the batch's rows
 */
export function responseLogProbs(parameters: Parameters, config: ModelConfig, batch: PrefixTreeBatch): tf.Tensor1D {
  return tf.tidy(() => {
    const states = hiddenStates(parameters, config, batch);
    const perPrediction = targetLogProbs(parameters, config, tf.gather(states, batch.sources), batch.targets);
    return segmentSum(tf.gather(perPrediction, batch.predictions), batch.responses, batch.responseTokens.length);
  });
}

/**
 * The log-probability of each response as a number, in nats; computed in batches and without gradients.
 *
 * @param batchSize rows per forward pass
 * @returns one number per response, in the order of the rows
 * @throws OutOfMemoryError if a pass needs more memory than the backend can use.
 */
export async function computeResponseLogProbs(
  parameters: Parameters,
  config: ModelConfig,
  rows: readonly TokenizedRow[],
  batchSize = 32,
): Promise<number[]> {
  if (rows.length > 0) {
    const shape = worstBatch(rows, batchSize);
    const need = { [`a pass over ${shape.rows} rows of up to ${shape.length} tokens`]: forwardBytes(config, shape) };
    const smaller = shape.rows > 1 ? ['a smaller batch'] : [];
    checkMemory('Computing log-probabilities', need, [...smaller, 'shorter sequences (maxLength)']);
  }
  const result: number[] = [];
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = prefixTreeBatch(rows.slice(start, start + batchSize));
    const sums = tf.tidy(() => responseLogProbs(parameters, config, batch));
    disposePrefixTreeBatch(batch);
    result.push(...(await read(sums).finally(() => sums.dispose())));
  }
  return result;
}
