/**
 * What the four builders of preference pairs have in common: prompts come in, pairs go out in the same order, and every
 * prompt that gave no pair is reported with its reason.
 *
 * A model loaded here is given prompts in batches, because it samples many at once for little more than one; an endpoint
 * is given them one by one, many at the same time. Neither changes order or result, if a responder's answer depends on the
 * seed and the prompt and not on the prompt's neighbours: a prompt's seed depends on how often the prompt came before, not
 * on its place, so a prompt that comes twice is sampled anew.
 */
import { setMaxListeners } from 'node:events';
import { ApolabError } from '../core/errors.js';
import { followerOf } from '../core/linkedSignal.js';
import { type LengthLimits, lengthReason } from './lengthControl.js';
import type { PreferencePair } from '../pairs/pair.js';
import type { SkippedPrompt } from '../pairs/rows/skipped.js';
import type { RespondOptions } from '../responders/responder.js';
import { type Asked, type AskedPrompt, type Numbered, numbered } from './asked.js';
import { inOrder } from '../core/mapOrdered.js';
import { type MadePair, type Outcome, skipped, withRow } from './outcome.js';
import { PairStream } from './pairStream.js';
import { seedFor } from '../responders/respond.js';
import type { BuilderId } from './catalog.js';

export interface BuildOptions {
  /** Where prompts come from, in order; may be endless. No more is read than is needed for `count` pairs, up to a batch. */
  readonly prompts: Iterable<Asked> | AsyncIterable<Asked>;
  /** How many pairs to build; all that the prompts give by default, and fewer where they end before. */
  readonly count?: number;
  /** 0 by default. */
  readonly seed?: number;
  /** Temperature of the sampled responses; 1 (the default) samples from the responder's own distribution. */
  readonly temperature?: number;
  /** Longest sampled response in tokens; the responder's own limit by default. */
  readonly maxTokens?: number;
  /** Pairs that each prompt is tried for, with fresh samples; 1 by default. */
  readonly pairsPerPrompt?: number;
  /** Keeps only pairs whose responses are of like length. */
  readonly length?: LengthLimits;
  /** Prompts a call of a responder that takes batches; 64 by default. */
  readonly batchSize?: number;
  /** Told of each prompt that gave no pair, in the order of the prompts. */
  readonly onSkipped?: (rejected: SkippedPrompt) => void;
  /** Stops the building: the iteration ends with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How a builder makes its pairs. */
export interface Recipe {
  readonly builder: BuilderId;
  /** Whoever answers, revises or judges; how many prompts are under way at once follows from what they take. */
  readonly parts: readonly { readonly concurrency?: number }[];
  /** One outcome a prompt, in the order of the prompts. */
  readonly pairUp: (asked: readonly AskedPrompt[], options: RespondOptions) => Promise<readonly Outcome[]>;
}

/** So many prompts in a row without a pair mean that none will come, and endless prompts would be read for ever. */
const patience = 2000;

/** Finished prompts that wait for a slower one before them keep the place of others; so more are under way than asked. */
const waitingPerRequest = 16;

/**
 * Runs a recipe over the prompts until there are `count` pairs. Throws an ApolabError where a number is of no use, or
 * where a count was asked for and 2,000 prompts in a row gave no pair.
 */
export function buildPairsWith(recipe: Recipe, options: BuildOptions): PairStream {
  const skipped: SkippedPrompt[] = [];
  const { onSkipped: onSkipped = (one: SkippedPrompt) => void skipped.push(one) } = options;
  return new PairStream(build(recipe, { ...options, onSkipped: onSkipped }), skipped);
}

async function* build(
  { builder, parts, pairUp }: Recipe,
  options: BuildOptions & Required<Pick<BuildOptions, 'onSkipped'>>,
): AsyncGenerator<PreferencePair, void, void> {
  const { prompts, count = Infinity, seed = 0, temperature = 1, maxTokens, pairsPerPrompt = 1, length } = options;
  const { batchSize, ahead } = pace(parts, options.batchSize);
  if (count !== Infinity) requireInteger('count', count, 0);
  requireInteger('pairsPerPrompt', pairsPerPrompt, 1);
  if (count === 0) return;
  const { signal, end } = followerOf(options.signal);
  // Every request under way listens.
  setMaxListeners(0, signal);
  const asking = { temperature, signal, ...(maxTokens === undefined ? {} : { maxTokens }) };
  let built = 0;
  let underWay = 0;
  let inVain = 0;
  const work = async (batch: readonly Numbered[]) => {
    underWay += batch.length;
    const outcomes = await pairUpBatch(pairUp, batch, (repeat) => ({ ...asking, seed: seedFor(seed, repeat) }));
    return outcomes.map((outcome) => checked(outcome, length));
  };
  const batches = inOrder(
    batchesOf(numbered(prompts, pairsPerPrompt), batchSize),
    ahead,
    work,
    () => built + underWay < count,
  );
  try {
    for await (const outcomes of batches) {
      underWay -= outcomes.length;
      for (const outcome of outcomes) {
        options.signal?.throwIfAborted();
        if (outcome.kind === 'pair') {
          inVain = 0;
          built += 1;
          yield withProvenance(outcome.pair, builder, seed);
          if (built === count) return;
        } else {
          options.onSkipped(outcome.skipped);
          if (++inVain === patience && count !== Infinity) throw noPairs(outcome.skipped, built, count);
        }
      }
    }
  } finally {
    // Where the iteration ends before its prompts, requests under way are of no use.
    end();
  }
}

/**
 * All that a builder yields, as an array.
 *
 * @example
 * const pairs = await collect(strongerPreferred({ prompts, policy, stronger, count: 100 }));
 */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function withProvenance(pair: MadePair, builder: BuilderId, seed: number): PreferencePair {
  return { ...pair, provenance: { builder, seed, ...pair.provenance } };
}

/** Refuses a pair whose lengths are too far apart. */
function checked(outcome: Outcome, length: LengthLimits | undefined): Outcome {
  if (outcome.kind === 'skipped' || length === undefined) return outcome;
  const { pair } = outcome;
  const reason = lengthReason(pair, length);
  return reason === undefined
    ? outcome
    : skipped(pair.conversation ?? pair.prompt, reason, { response: pair.rejected, text: pair.chosen });
}

/** How many prompts go into one call, and how many such calls are under way at once. */
function pace(parts: Recipe['parts'], given = 64): { readonly batchSize: number; readonly ahead: number } {
  requireInteger('batchSize', given, 1);
  const concurrencies = parts.flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency]));
  const batchSize = concurrencies.length === parts.length ? 1 : given;
  const requests = waitingPerRequest * Math.max(0, ...concurrencies);
  // Where a model loaded here works beside an endpoint, its next batch is under way while the endpoint answers the last.
  const beside = batchSize > 1 && requests > 0 ? 1 : 0;
  return { batchSize, ahead: Math.max(1, Math.ceil(requests / batchSize)) + beside };
}

/** One call of `pairUp` for the prompts that are new, one for those that come the second time, and so on. */
async function pairUpBatch(
  pairUp: Recipe['pairUp'],
  batch: readonly Numbered[],
  optionsOf: (repeat: number) => RespondOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const placesByRepeat = new Map<number, number[]>();
  for (const [place, one] of batch.entries()) {
    if (one.kind === 'asked') placesByRepeat.set(one.repeat, [...(placesByRepeat.get(one.repeat) ?? []), place]);
    else outcomes[place] = { kind: 'skipped', skipped: { prompt: '', reason: one.reason, text: one.text } };
  }
  for (const [repeat, places] of placesByRepeat) {
    const some = await pairUp(
      places.map((place) => batch[place] as AskedPrompt),
      optionsOf(repeat),
    );
    places.forEach((place, index) => (outcomes[place] = some[index]!));
  }
  return outcomes.map((outcome, place) => withRow(outcome, batch[place]!.row));
}

async function* batchesOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ApolabError(`${name} must be a whole number of at least ${least}; given: ${value}.`);
}

function noPairs(last: SkippedPrompt, built: number, count: number): ApolabError {
  return new ApolabError(
    `The last ${patience} prompts gave no pair (${built} of ${count} were built). The last reason: ${last.reason}; its prompt: ` +
      `'${last.prompt}'. Ask for fewer pairs, or see onSkipped for every reason.`,
  );
}
