/** What the frozen reference says of every pair, computed once before training. */
import { ApolabError } from '../core/errors.js';
import { referenceParameters, type LanguageModel, type ModelConfig, type Parameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { TokenizedPair } from './tokenize.js';
import type { Example } from './microBatch.js';
import { readReferenceCache, referenceCacheFile, writeReferenceCache, type ReferenceKey } from './referenceCache.js';
import { computeResponseLogProbs } from './responseLogProbs.js';

/** Pairs a forward pass; timers get their turn between two. */
const batchSize = 32;

/**
 * The parameters of the frozen reference: the policy as it is before training, which for a fresh adapter (all of its B
 * matrices zero) is its base. An adapter that was trained before is part of its own reference, as in TRL.
 */
export async function referenceOf(model: LanguageModel): Promise<Parameters> {
  const base = referenceParameters(model);
  if (base === undefined) return model.parameters;
  const size = tf.tidy(() => {
    const outward = Object.entries(model.trainable).filter(([name]) => name.endsWith('.lora_B.weight'));
    return tf.addN(outward.map(([, tensor]) => tf.sum(tf.abs(tensor))));
  });
  const [total] = await size.data();
  size.dispose();
  return total === 0 ? base : model.parameters;
}

/** Whether they were computed now, or read from a cache; `damaged` says what was wrong with a cache that was no use. */
export type ReferenceSource =
  { readonly kind: 'computed'; readonly damaged?: string } | { readonly kind: 'cached'; readonly file: string };

export interface ReferenceOptions {
  readonly cache?: { readonly folder: string; readonly key: ReferenceKey } | undefined;
  /** Told after each batch how many pairs are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The log-probabilities of every pair's responses under the reference: chosen, rejected, chosen, rejected ...
 *
 * With a cache they are read where its file is whole, and else computed and written.
 */
export async function referenceLogProbs(
  reference: Parameters,
  config: ModelConfig,
  tokenized: readonly TokenizedPair[],
  { cache, onProgress }: ReferenceOptions = {},
): Promise<{ readonly values: ArrayLike<number>; readonly source: ReferenceSource }> {
  const file = cache === undefined ? undefined : referenceCacheFile(cache.folder, cache.key);
  const cached = file === undefined ? undefined : await readReferenceCache(file, 2 * tokenized.length);
  if (file !== undefined && cached?.kind === 'found')
    return { values: cached.values, source: { kind: 'cached', file } };
  const values: number[] = [];
  for (let start = 0; start < tokenized.length; start += batchSize) {
    const batch = tokenized.slice(start, start + batchSize);
    values.push(...computeResponseLogProbs(reference, config, batch, batchSize));
    onProgress?.(Math.min(tokenized.length, start + batchSize), tokenized.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (file !== undefined) await writeReferenceCache(file, values);
  const damaged = cached?.kind === 'damaged' ? { damaged: cached.reason } : {};
  return { values, source: { kind: 'computed', ...damaged } };
}

/**
 * Nats by which policy and reference may differ in a response before the first update: float32 sums, laid out differently;
 * for long responses a share of their log-probability.
 */
const agreement = (reference: number) => Math.max(1e-2, 1e-4 * Math.abs(reference));

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
  const differing = responses.filter(
    ({ policy: found, reference }) => !(Math.abs(found - reference) <= agreement(reference)),
  );
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
