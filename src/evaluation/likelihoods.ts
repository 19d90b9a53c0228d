/** Log-probabilities of candidates under a model that is loaded here. */
import { messageText } from '../core/message.js';
import type { LanguageModel } from '../model/index.js';
import type { Candidates, Likelihood } from './benchmark.js';
import type { AskOptions, Evaluated } from './responses.js';

/** What a model must have: its parameters and its tokenizer. */
export type LikelihoodModel = Pick<LanguageModel, 'parameters' | 'config' | 'tokenizer'>;

/** True if what is evaluated has log-probabilities. */
export function canCompare(evaluated: Evaluated): evaluated is Evaluated & LikelihoodModel {
  return 'parameters' in evaluated && 'tokenizer' in evaluated;
}

/**
 * The log-probabilities of each example's candidates, in the order of the examples. Tokens are those of training: the end of
 * the sequence counts, and a conversation goes through the chat template.
 */
export async function* likelihoodsOf(
  { parameters, config, tokenizer }: LikelihoodModel,
  examples: readonly Candidates[],
  { batchSize, signal }: AskOptions,
): AsyncGenerator<Likelihood[], void> {
  // Loaded here, so that benchmarks that only read responses do not wait for TensorFlow.js.
  const { computeResponseLogProbs, messagesOfResponse, tokenizeRow } = await import('../training/index.js');
  for (let start = 0; start < examples.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = examples.slice(start, start + batchSize);
    const rows = batch.map((candidates) => tokenizeRow(tokenizer, candidates, candidates.responses));
    const logProbs = await computeResponseLogProbs(parameters, config, rows, batchSize);
    let at = 0;
    for (const [index, { responses }] of batch.entries()) {
      yield responses.map((response, place) => ({
        logProb: logProbs[at++]!,
        tokens: rows[index]!.responses[place]!.length,
        characters: messagesOfResponse(response).map(messageText).join('').length,
      }));
    }
  }
}
