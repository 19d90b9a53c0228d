/**
 * What all builders of preference pairs share: prompts come in, pairs go out in the same order, and every prompt that gave
 * no pair is reported with its reason.
 *
 * Order and results do not depend on the batch size, if a responder's answer depends only on the prompt and the seed. The
 * seed of a prompt follows from how often the prompt came before, not from its position, so a prompt that comes twice gets
 * two different samples.
 */
import { setMaxListeners } from 'node:events';
import { ApolabError } from '../core/errors.js';
import type { ProgressFacts } from '../core/followed.js';
import { linkedSignal } from '../core/linkedSignal.js';
import { mapOrdered } from '../core/mapOrdered.js';
import type { PreferencePair } from '../pairs/pair.js';
import type { SkippedPrompt } from '../pairs/rows/skipped.js';
import { seedFor } from '../responders/seedFor.js';
import { batchesOf, type MakeOutcomes, planBatches, runBatch } from './batches.js';
import type { BuildOptions } from './buildOptions.js';
import type { BuilderId } from './catalog.js';
import { type LengthLimits, lengthReason } from './lengthControl.js';
import { PairStream } from './pairStream.js';
import { type NumberedPrompt, numberPrompts } from './promptLike.js';
import { type PromptOutcome, skippedOutcome } from './promptOutcome.js';

/** How a builder makes its pairs. */
export interface Recipe {
  readonly builder: BuilderId;
  /** All responders, revisers and judges; their concurrencies decide how many prompts are in progress at once. */
  readonly parts: readonly { readonly concurrency?: number }[];
  readonly makeOutcomes: MakeOutcomes;
}

/** Endless prompts would be read for ever; after so many in a row without a pair, none is to be expected. */
const mostWithoutPair = 2000;

/**
 * Runs a recipe over the prompts until there are `count` pairs.
 *
 * @throws ApolabError (when the stream is read) if a number is out of range, or if `count` is given and 2,000 prompts in a
 * row gave no pair
 */
export function buildPairsWith(recipe: Recipe, options: BuildOptions): PairStream {
  const skipped: SkippedPrompt[] = [];
  const counts = { pairs: 0, skipped: 0 };
  const { onSkipped = (one: SkippedPrompt) => void skipped.push(one) } = options;
  const count = (one: SkippedPrompt) => {
    counts.skipped += 1;
    onSkipped(one);
  };
  return new PairStream(build(recipe, { ...options, onSkipped: count }, counts), skipped, () =>
    factsOf(options, counts),
  );
}

/** Progress in pairs if their number was given, in prompts if theirs is known. */
function factsOf(
  { count, prompts, pairsPerPrompt = 1 }: BuildOptions,
  { pairs, skipped }: { readonly pairs: number; readonly skipped: number },
): ProgressFacts {
  if (count !== undefined) return { done: pairs, total: count, unit: 'pairs', metrics: { skipped } };
  const { length } = prompts as { readonly length?: number };
  const total = length === undefined ? undefined : length * pairsPerPrompt;
  return { done: pairs + skipped, total, unit: 'prompts', metrics: { pairs, skipped } };
}

async function* build(
  { builder, parts, makeOutcomes }: Recipe,
  options: BuildOptions & Required<Pick<BuildOptions, 'onSkipped'>>,
  counts: { pairs: number },
): AsyncGenerator<PreferencePair, void, void> {
  const { prompts, count = Infinity, seed = 0, temperature = 1, maxTokens, pairsPerPrompt = 1, length } = options;
  requireInteger('batchSize', options.batchSize ?? 64, 1);
  const { batchSize, ahead } = planBatches(parts, options.batchSize ?? 64);
  if (count !== Infinity) requireInteger('count', count, 0);
  requireInteger('pairsPerPrompt', pairsPerPrompt, 1);
  if (count === 0) return;
  const { signal, end } = linkedSignal(options.signal);
  // Every request in progress adds a listener.
  setMaxListeners(0, signal);
  const common = { temperature, signal, ...(maxTokens === undefined ? {} : { maxTokens }) };
  let inProgress = 0;
  let withoutPair = 0;
  const work = async (batch: readonly NumberedPrompt[]) => {
    inProgress += batch.length;
    const outcomes = await runBatch(makeOutcomes, batch, (repeat) => ({ ...common, seed: seedFor(seed, repeat) }));
    return outcomes.map((outcome) => withinLimits(outcome, length));
  };
  const batches = mapOrdered(
    batchesOf(numberPrompts(prompts, pairsPerPrompt), batchSize),
    ahead,
    work,
    () => counts.pairs + inProgress < count,
  );
  try {
    for await (const outcomes of batches) {
      inProgress -= outcomes.length;
      for (const outcome of outcomes) {
        options.signal?.throwIfAborted();
        if (outcome.kind === 'pair') {
          withoutPair = 0;
          counts.pairs += 1;
          yield { ...outcome.pair, provenance: { builder, seed, ...outcome.pair.provenance } };
          if (counts.pairs === count) return;
        } else {
          options.onSkipped(outcome.skipped);
          if (++withoutPair === mostWithoutPair && count !== Infinity)
            throw noPairs(outcome.skipped, counts.pairs, count);
        }
      }
    }
  } finally {
    // If the caller stops early, nobody needs the answers of requests in progress.
    end();
  }
}

/** A pair outside the length limits becomes a skipped prompt. */
function withinLimits(outcome: PromptOutcome, length: LengthLimits | undefined): PromptOutcome {
  if (outcome.kind === 'skipped' || length === undefined) return outcome;
  const { pair } = outcome;
  const reason = lengthReason(pair, length);
  if (reason === undefined) return outcome;
  return skippedOutcome(pair.conversation ?? pair.prompt, reason, { response: pair.rejected, text: pair.chosen });
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ApolabError(`${name} must be a whole number of at least ${least}; given: ${value}.`);
}

function noPairs(last: SkippedPrompt, built: number, count: number): ApolabError {
  return new ApolabError(
    `The last ${mostWithoutPair} prompts gave no pair (${built} of ${count} were built). The last reason: ${last.reason}; its prompt: ` +
      `'${last.prompt}'. Ask for fewer pairs, or see onSkipped for every reason.`,
  );
}
