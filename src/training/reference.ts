/** Log-probabilities of all responses under the frozen reference, computed once before training. */
import { ApolabError } from '../core/errors.js';
import { nextTurn } from '../core/nextTurn.js';
import { referenceParameters, type LanguageModel, type ModelConfig, type Parameters } from '../model/index.js';
import { read, tf } from '../tensor/index.js';
import { labelsOf, type TokenizedRow } from './tokenize.js';
import type { Example } from './microBatch.js';
import { rowsPerPass } from './memory.js';
import { readReferenceCache, referenceCacheFile, writeReferenceCache, type ReferenceKey } from './referenceCache.js';
import { computeResponseLogProbs } from './responseLogProbs.js';

/** Most rows per forward pass; timers run between two passes. */
const mostRows = 32;

/**
 * The parameters of the frozen reference: the policy before training. For a new adapter (all B matrices zero) that is its base;
 * an adapter that was trained before is part of its own reference, as in TRL.
 */
export async function referenceOf(model: LanguageModel): Promise<Parameters> {
  const base = referenceParameters(model);
  if (base === undefined) return model.parameters;
  const size = tf.tidy(() => {
    const bMatrices = Object.entries(model.trainable).filter(([name]) => name.endsWith('.lora_B.weight'));
    return tf.addN(bMatrices.map(([, tensor]) => tf.sum(tf.abs(tensor))));
  });
  const [total] = await read(size).finally(() => size.dispose());
  return total === 0 ? base : model.parameters;
}

/** Whether the log-probabilities were computed or read from a cache; `damaged` says why an existing cache was not used. */
export type ReferenceSource =
  { readonly kind: 'computed'; readonly damaged?: string } | { readonly kind: 'cached'; readonly file: string };

/** Options of `referenceLogProbs`. */
export interface ReferenceOptions {
  /** Folder of cached log-probabilities, and the fingerprints that name the file. */
  readonly cache?: { readonly folder: string; readonly key: ReferenceKey } | undefined;
  /** Called after each batch with the number of rows that are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The log-probabilities of every row's responses under the reference, in nats; for pairs: chosen, rejected, chosen, rejected ...
 *
 * With a cache they are read from its file if it is undamaged, otherwise computed and written to it.
 */
export async function referenceLogProbs(
  reference: Parameters,
  config: ModelConfig,
  tokenized: readonly TokenizedRow[],
  { cache, onProgress }: ReferenceOptions = {},
): Promise<{ readonly values: ArrayLike<number>; readonly source: ReferenceSource }> {
  const count = tokenized.reduce((sum, { responses }) => sum + responses.length, 0);
  const file = cache === undefined ? undefined : referenceCacheFile(cache.folder, cache.key);
  const cached = file === undefined ? undefined : await readReferenceCache(file, count);
  if (file !== undefined && cached?.kind === 'found')
    return { values: cached.values, source: { kind: 'cached', file } };
  const values: number[] = [];
  const batchSize = rowsPerPass(config, tokenized, mostRows);
  for (let start = 0; start < tokenized.length; start += batchSize) {
    const batch = tokenized.slice(start, start + batchSize);
    values.push(...(await computeResponseLogProbs(reference, config, batch, batchSize)));
    onProgress?.(Math.min(tokenized.length, start + batchSize), tokenized.length);
    await nextTurn();
  }
  if (file !== undefined) await writeReferenceCache(file, values);
  const damaged = cached?.kind === 'damaged' ? { damaged: cached.reason } : {};
  return { values, source: { kind: 'computed', ...damaged } };
}

/**
 * By how many nats policy and reference may differ for a response before the first update. The float32 sums of the two have
 * different orders; long responses get a tolerance relative to their log-probability.
 */
const agreement = (reference: number) => Math.max(1e-2, 1e-4 * Math.abs(reference));

/**
 * Checks that policy and reference have the same log-probabilities before the first update, because they are the same model then.
 *
 * @param policy log-probabilities of the first step's responses, in the order of the batch's rows
 * @throws ApolabError if they differ; it names responses and values.
 */
export function checkAgreement(policy: ArrayLike<number>, batch: readonly Example[]): void {
  const responses = batch
    .flatMap(({ tokenized, references }, index) => {
      const place = tokenized.label === undefined ? `pair ${index + 1}` : `example ${index + 1}`;
      const labels = labelsOf(tokenized);
      return references.map((reference, which) => ({
        name: tokenized.label === undefined ? `${place}, ${labels[which]! ? 'chosen' : 'rejected'}` : place,
        reference,
      }));
    })
    .map((response, index) => ({ ...response, policy: policy[index]! }));
  const differing = responses.filter(
    ({ policy: found, reference }) => !(Math.abs(found - reference) <= agreement(reference)),
  );
  if (differing.length === 0) return;
  const shown = differing
    .slice(0, 3)
    .map(
      (response) =>
        `${response.name}: policy ${response.policy.toFixed(3)}, reference ${response.reference.toFixed(3)}`,
    );
  throw new ApolabError(
    `Before the first update policy and reference must agree, but ${differing.length} of the first batch's ` +
      `${responses.length} responses differ (nats): ${shown.join('; ')}${differing.length > 3 ? '; ...' : ''}. ` +
      'The reference log-probabilities belong to another model, tokenizer or set of rows, or the model changed after they were computed.',
  );
}
