/** What the frozen reference says of every pair, computed once before training. */
import { ApolabError } from '../errors.js';
import type { LanguageModel } from '../model/index.js';
import type { EncodedPair } from './encode.js';
import type { Example } from './microBatch.js';
import { computeResponseLogProbs } from './responseLogProbs.js';

/** Pairs a forward pass; timers get their turn between two. */
const batchSize = 32;

/**
 * The log-probabilities of every pair's responses under the model as it is now: chosen, rejected, chosen, rejected ...
 *
 * @param onProgress told after each batch how many pairs are done
 */
export async function referenceLogProbs(
  model: LanguageModel,
  encoded: readonly EncodedPair[],
  onProgress?: (done: number) => void,
): Promise<number[]> {
  const result: number[] = [];
  for (let start = 0; start < encoded.length; start += batchSize) {
    const batch = encoded.slice(start, start + batchSize);
    result.push(...computeResponseLogProbs(model.parameters, model.config, batch, batchSize));
    onProgress?.(Math.min(encoded.length, start + batchSize));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return result;
}

/** Nats a response by which policy and reference may differ before the first update: float32 sums, laid out differently. */
const agreement = 1e-2;

/**
 * Before the first update the policy is its own reference, so both give every response the same log-probability.
 *
 * @param policy what the first step's forward pass gave: chosen, rejected, chosen, rejected ...
 * @throws ApolabError that says which responses differ, and by how much, where they do not agree.
 */
export function checkAgreement(policy: ArrayLike<number>, batch: readonly Example[]): void {
  const responses = batch.flatMap(({ referenceChosen, referenceRejected }, index) => [
    { pair: index + 1, field: 'chosen', reference: referenceChosen, policy: policy[2 * index]! },
    { pair: index + 1, field: 'rejected', reference: referenceRejected, policy: policy[2 * index + 1]! },
  ]);
  const differing = responses.filter((response) => !(Math.abs(response.policy - response.reference) <= agreement));
  if (differing.length === 0) return;
  const shown = differing
    .slice(0, 3)
    .map(
      (response) =>
        `pair ${response.pair}, ${response.field}: policy ${response.policy.toFixed(3)}, reference ${response.reference.toFixed(3)}`,
    );
  throw new ApolabError(
    `Before the first update policy and reference must agree, but ${differing.length} of the first batch's ` +
      `${responses.length} responses differ (nats): ${shown.join('; ')}${differing.length > 3 ? '; ...' : ''}. ` +
      'The reference log-probabilities are of another model, tokenizer or set of pairs, or the model changed after they were computed.',
  );
}
