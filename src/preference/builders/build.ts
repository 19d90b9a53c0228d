/**
 * What the four builders of preference pairs have in common: prompts come in, pairs go out in the same order, and every
 * prompt that gave no pair is reported with its reason.
 *
 * Prompts are answered in batches, because a model samples many at once for little more than one. Batching changes
 * neither order nor result, if the responder's answer depends on the seed and the prompt and not on the prompt's
 * neighbours: a prompt's seed depends on how often the prompt came before, not on its place in a batch, so a prompt that
 * comes twice is sampled anew.
 */
import { ApolabError } from '../../errors.js';
import { fnv1a } from '../../random.js';
import type { PreferencePair } from '../pair.js';
import type { RejectedPrompt, Responder, RespondOptions } from '../responder.js';

export interface BuildOptions {
  /** Where prompts come from, in order; may be endless. No more than a batch beyond the last pair is read. */
  readonly prompts: Iterable<string> | AsyncIterable<string>;
  /** How many pairs to build; fewer come only where the prompts end before. */
  readonly count: number;
  readonly seed: number;
  /** Temperature of the sampled responses; 1 (the default) samples from the responder's own distribution. */
  readonly temperature?: number;
  /** Prompts a call of a responder; 64 by default. */
  readonly batchSize?: number;
  /** Told of each prompt that gave no pair, in the order of the prompts. */
  readonly onRejected?: (rejected: RejectedPrompt) => void;
}

/** What one prompt gave: a pair, or the reason why not. */
export type Outcome =
  | { readonly kind: 'pair'; readonly pair: PreferencePair }
  | { readonly kind: 'rejected'; readonly rejected: RejectedPrompt };

/** How a builder makes its pairs: one outcome a prompt, in the order of the prompts. */
export type PairUp = (prompts: readonly string[], options: RespondOptions) => Promise<Outcome[]>;

/** So many prompts in a row without a pair mean that none will come, and endless prompts would be read for ever. */
const patience = 2000;

/**
 * Runs `pairUp` over the prompts until there are `count` pairs. Throws an ApolabError where `count` or `batchSize` is no
 * usable number, or where 2,000 prompts in a row gave no pair.
 */
export async function* buildPairsWith(pairUp: PairUp, options: BuildOptions): AsyncGenerator<PreferencePair, void> {
  const { prompts, count, seed, temperature = 1, batchSize = 64, onRejected } = options;
  requireInteger('count', count, 0);
  requireInteger('batchSize', batchSize, 1);
  const timesSeen = new Map<string, number>();
  let built = 0;
  let inVain = 0;
  if (count === 0) return;
  for await (const batch of batches(prompts, batchSize)) {
    for (const outcome of await pairUpBatch(pairUp, batch, timesSeen, temperature, seed)) {
      if (outcome.kind === 'pair') {
        inVain = 0;
        yield outcome.pair;
        if (++built === count) return;
      } else {
        onRejected?.(outcome.rejected);
        if (++inVain === patience) throw noPairs(outcome.rejected, built, count);
      }
    }
  }
}

/**
 * All that a builder yields, as an array.
 *
 * @example
 * const pairs = await collect(strongerPreferred({ prompts, policy, stronger, count: 100, seed: 0 }));
 */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The responder's responses; throws an ApolabError where it doesn't give one a prompt. */
export async function respond(
  responder: Responder,
  prompts: readonly string[],
  options: RespondOptions,
): Promise<string[]> {
  const responses = await responder.respond(prompts, options);
  if (responses.length === prompts.length) return responses.map((answer) => (typeof answer === 'string' ? answer : ''));
  throw new ApolabError(
    `Responder '${responder.name}' gave ${responses.length} responses to ${prompts.length} prompts; it must give one a prompt, in their order.`,
  );
}

/** A seed for one use of a seed, so that two samples of one prompt differ. */
export function seedFor(seed: number, use: string | number): number {
  return fnv1a(`${seed} ${use}`);
}

/** The outcome that a builder reports for a prompt without a pair. */
export function rejected(prompt: string, reason: string, response?: string): Outcome {
  return { kind: 'rejected', rejected: { prompt, reason, ...(response === undefined ? {} : { response }) } };
}

/** The outcome of a prompt with a pair. */
export function paired(pair: PreferencePair): Outcome {
  return { kind: 'pair', pair };
}

/** One call of `pairUp` for the prompts that are new, one for those that come the second time, and so on. */
async function pairUpBatch(
  pairUp: PairUp,
  batch: readonly string[],
  timesSeen: Map<string, number>,
  temperature: number,
  seed: number,
): Promise<Outcome[]> {
  const placesByRepeat = new Map<number, number[]>();
  batch.forEach((prompt, place) => {
    const repeat = timesSeen.get(prompt) ?? 0;
    timesSeen.set(prompt, repeat + 1);
    placesByRepeat.set(repeat, [...(placesByRepeat.get(repeat) ?? []), place]);
  });
  const outcomes: Outcome[] = [];
  for (const [repeat, places] of placesByRepeat) {
    const prompts = places.map((place) => batch[place]!);
    const some = await pairUp(prompts, { temperature, seed: seedFor(seed, repeat) });
    places.forEach((place, index) => (outcomes[place] = some[index]!));
  }
  return outcomes;
}

async function* batches(prompts: BuildOptions['prompts'], size: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const prompt of prompts) {
    batch.push(prompt);
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

function noPairs(last: RejectedPrompt, built: number, count: number): ApolabError {
  return new ApolabError(
    `The last ${patience} prompts gave no pair (${built} of ${count} were built). The last reason: ${last.reason}; its prompt: ` +
      `'${last.prompt}'. Ask for fewer pairs, or see onRejected for every reason.`,
  );
}
