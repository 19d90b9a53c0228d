/**
 * What the four builders of preference pairs have in common: prompts come in, pairs go out in the same order, and every
 * prompt that gave no pair is reported with its reason.
 *
 * A model loaded here is given prompts in batches, because it samples many at once for little more than one; an endpoint
 * is given them one by one, many at the same time. Neither changes order or result, if a responder's answer depends on the
 * seed and the prompt and not on the prompt's neighbours: a prompt's seed depends on how often the prompt came before, not
 * on its place, so a prompt that comes twice is sampled anew.
 */
import { ApolabError } from '../../errors.js';
import { fnv1a } from '../../random.js';
import { type LengthLimits, lengthReason } from '../prompts/lengthControl.js';
import {
  type DatasetId,
  type Message,
  type PreferencePair,
  type Prompt,
  promptText,
  type Provenance,
} from '../pair.js';
import type { Origin, Refusal, RejectedPrompt, Responder, RespondOptions, Response } from '../responder.js';
import { inOrder } from './inOrder.js';
import { PairStream } from './pairStream.js';

/** A prompt, with the policy's response where it has answered already. */
export interface AskedPrompt {
  readonly prompt: Prompt;
  /** Taken as the policy's sample, which then isn't asked. */
  readonly response?: string;
}

export interface BuildOptions {
  /** Where prompts come from, in order; may be endless. No more is read than is needed for `count` pairs, up to a batch. */
  readonly prompts: Iterable<Prompt | AskedPrompt> | AsyncIterable<Prompt | AskedPrompt>;
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
  readonly onRejected?: (rejected: RejectedPrompt) => void;
  /** Stops the building: the iteration ends with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What one prompt gave: a pair, or the reason why not. */
export type Outcome =
  { readonly kind: 'pair'; readonly pair: MadePair } | { readonly kind: 'rejected'; readonly rejected: RejectedPrompt };

/** A pair as its builder makes it; builder and seed are added to its provenance afterwards. */
type MadePair = Omit<PreferencePair, 'provenance'> & { readonly provenance: Omit<Provenance, 'builder' | 'seed'> };

/** How a builder makes its pairs. */
export interface Recipe {
  readonly builder: DatasetId;
  /** Whoever answers, revises or judges; how many prompts are under way at once follows from what they take. */
  readonly parts: readonly { readonly concurrency?: number }[];
  /** One outcome a prompt, in the order of the prompts. */
  readonly pairUp: (asked: readonly AskedPrompt[], options: RespondOptions) => Promise<readonly Outcome[]>;
}

/** So many prompts in a row without a pair mean that none will come, and endless prompts would be read for ever. */
const patience = 2000;

/** Finished prompts that wait for a slower one before them keep the place of others; so more are under way than asked. */
const waitingPerRequest = 4;

/**
 * Runs a recipe over the prompts until there are `count` pairs. Throws an ApolabError where a number is of no use, or
 * where a count was asked for and 2,000 prompts in a row gave no pair.
 */
export function buildPairsWith(recipe: Recipe, options: BuildOptions): PairStream {
  const rejected: RejectedPrompt[] = [];
  const { onRejected = (one: RejectedPrompt) => void rejected.push(one) } = options;
  return new PairStream(build(recipe, { ...options, onRejected }), rejected);
}

async function* build(
  { builder, parts, pairUp }: Recipe,
  options: BuildOptions & Required<Pick<BuildOptions, 'onRejected'>>,
): AsyncGenerator<PreferencePair, void> {
  const { prompts, count = Infinity, seed = 0, temperature = 1, maxTokens, pairsPerPrompt = 1, length } = options;
  const { batchSize, ahead } = pace(parts, options.batchSize);
  if (count !== Infinity) requireInteger('count', count, 0);
  requireInteger('pairsPerPrompt', pairsPerPrompt, 1);
  if (count === 0) return;
  const { signal, release } = linkedSignal(options.signal);
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
          options.onRejected(outcome.rejected);
          if (++inVain === patience && count !== Infinity) throw noPairs(outcome.rejected, built, count);
        }
      }
    }
  } finally {
    release();
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

/**
 * The responder's answers; throws an ApolabError where it doesn't give one a prompt. A responder that takes batches is
 * given one at a time.
 */
export async function respond(
  responder: Responder,
  prompts: readonly Prompt[],
  options: RespondOptions,
): Promise<(Response | Refusal)[]> {
  if (prompts.length === 0) return [];
  const ask = () => responder.respond(prompts, options);
  const answers = await (responder.concurrency === undefined ? inTurn(responder, ask) : ask());
  if (answers.length === prompts.length) {
    return answers.map((answer) => (typeof answer === 'string' ? { kind: 'response', text: answer } : answer));
  }
  throw new ApolabError(
    `Responder '${responder.name}' gave ${answers.length} responses to ${prompts.length} prompts; it must give one a prompt, in their order.`,
  );
}

/** When a responder that takes batches is free again. */
const busy = new WeakMap<Responder, Promise<unknown>>();

function inTurn<T>(responder: Responder, ask: () => Promise<T>): Promise<T> {
  const before = busy.get(responder) ?? Promise.resolve();
  const mine = before.then(ask, ask);
  busy.set(responder, mine);
  return mine;
}

/** The policy's samples: its responses to the prompts that have none, and those that were given. */
export async function sampleOf(
  policy: Responder,
  asked: readonly AskedPrompt[],
  options: RespondOptions,
): Promise<(Response | Refusal)[]> {
  const open = asked.filter(({ response }) => response === undefined);
  const answers = await respond(
    policy,
    open.map(({ prompt }) => prompt),
    options,
  );
  return asked.map(({ response }) =>
    response === undefined ? answers.shift()! : { kind: 'response', text: response, model: 'given' },
  );
}

/** A seed for one use of a seed, so that two samples of one prompt differ. */
export function seedFor(seed: number, use: string | number): number {
  return fnv1a(`${seed} ${use}`);
}

/** The outcome that a builder reports for a prompt without a pair. */
export function rejected(
  prompt: Prompt,
  reason: string,
  found: Pick<RejectedPrompt, 'response' | 'text'> = {},
): Outcome {
  return { kind: 'rejected', rejected: { ...promptFields(prompt), ...found, reason } };
}

/** The same where a part refused. */
export function refused(
  prompt: Prompt,
  who: string,
  { reason, text }: Refusal,
  found: Pick<RejectedPrompt, 'response'> = {},
): Outcome {
  return rejected(prompt, `${who}: ${reason}`, { ...found, ...(text === undefined ? {} : { text }) });
}

/** Who had a part in a pair: its name in the pair's provenance, and what is known of what it did. */
export interface Contribution {
  readonly part: string;
  readonly name: string;
  readonly origins: readonly Origin[];
  /** The name and hash of the prompt template in use. */
  readonly template?: readonly [name: string, hash: string] | undefined;
}

/** The outcome of a prompt with a pair, by these contributors. */
export function paired(
  prompt: Prompt,
  pair: Omit<PreferencePair, 'prompt' | 'conversation' | 'provenance'>,
  contributions: readonly Contribution[] = [],
): Outcome {
  const origins = contributions.flatMap((one) => one.origins);
  const counted = origins.flatMap(({ tokens }) => (tokens === undefined ? [] : [tokens]));
  const times = origins.flatMap(({ time }) => (time === undefined ? [] : [time]));
  const templates = contributions.flatMap(({ template }) => (template === undefined ? [] : [template]));
  const provenance = {
    models: Object.fromEntries(contributions.map(({ part, name, origins: [first] }) => [part, first?.model ?? name])),
    ...(templates.length === 0 ? {} : { templates: Object.fromEntries(templates) }),
    ...(counted.length === 0 ? {} : { tokens: { input: sum(counted, 'input'), output: sum(counted, 'output') } }),
    ...(times.length === 0 ? {} : { time: times.reduce((latest, time) => (time > latest ? time : latest)) }),
  };
  return { kind: 'pair', pair: { ...promptFields(prompt), ...pair, provenance } };
}

function promptFields(prompt: Prompt): { readonly prompt: string; readonly conversation?: readonly Message[] } {
  return typeof prompt === 'string' ? { prompt } : { prompt: promptText(prompt), conversation: prompt };
}

function sum<Field extends string>(items: readonly Readonly<Record<Field, number>>[], field: Field): number {
  return items.reduce((total, item) => total + item[field], 0);
}

function withProvenance(pair: MadePair, builder: DatasetId, seed: number): PreferencePair {
  return { ...pair, provenance: { builder, seed, ...pair.provenance } };
}

/** A contribution's template, where it has one. */
export function templateOf(name: string, { template }: { readonly template?: string }): Contribution['template'] {
  return template === undefined ? undefined : [name, template];
}

/** Refuses a pair whose lengths are too far apart. */
function checked(outcome: Outcome, length: LengthLimits | undefined): Outcome {
  if (outcome.kind === 'rejected' || length === undefined) return outcome;
  const { pair } = outcome;
  const reason = lengthReason(pair, length);
  return reason === undefined
    ? outcome
    : rejected(pair.conversation ?? pair.prompt, reason, { response: pair.rejected, text: pair.chosen });
}

/** How many prompts go into one call, and how many such calls are under way at once. */
function pace(parts: Recipe['parts'], given = 64): { readonly batchSize: number; readonly ahead: number } {
  requireInteger('batchSize', given, 1);
  const concurrencies = parts.flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency]));
  const batchSize = concurrencies.length === parts.length ? 1 : given;
  const requests = waitingPerRequest * Math.max(0, ...concurrencies);
  return { batchSize, ahead: Math.max(1, Math.ceil(requests / batchSize)) };
}

/** A prompt to ask, with how often it was asked before. */
interface Numbered extends AskedPrompt {
  readonly repeat: number;
}

async function* numbered(prompts: BuildOptions['prompts'], times: number): AsyncGenerator<Numbered> {
  const timesSeen = new Map<string, number>();
  for await (const given of prompts) {
    const asked = isAsked(given) ? given : { prompt: given };
    const key = fingerprint(asked.prompt);
    const seen = timesSeen.get(key) ?? 0;
    timesSeen.set(key, seen + times);
    for (let time = 0; time < times; time++) yield { ...asked, repeat: seen + time };
  }
}

function isAsked(given: Prompt | AskedPrompt): given is AskedPrompt {
  return typeof given === 'object' && 'prompt' in given;
}

/** Short, since one is kept for every prompt of a run. */
function fingerprint(prompt: Prompt): string {
  const text = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
  return text.length <= 24 ? text : `${text.length} ${fnv1a(text)} ${fnv1a(`${text} again`)}`;
}

/** One call of `pairUp` for the prompts that are new, one for those that come the second time, and so on. */
async function pairUpBatch(
  pairUp: Recipe['pairUp'],
  batch: readonly Numbered[],
  optionsOf: (repeat: number) => RespondOptions,
): Promise<Outcome[]> {
  const placesByRepeat = new Map<number, number[]>();
  batch.forEach(({ repeat }, place) => {
    placesByRepeat.set(repeat, [...(placesByRepeat.get(repeat) ?? []), place]);
  });
  const outcomes: Outcome[] = [];
  for (const [repeat, places] of placesByRepeat) {
    const some = await pairUp(
      places.map((place) => batch[place]!),
      optionsOf(repeat),
    );
    places.forEach((place, index) => (outcomes[place] = some[index]!));
  }
  return outcomes;
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

/** Set off by the caller's signal, and where the iteration ends before its prompts: requests under way are of no use then. */
function linkedSignal(outer: AbortSignal | undefined): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const pass = () => controller.abort(outer?.reason);
  if (outer?.aborted === true) pass();
  outer?.addEventListener('abort', pass, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      outer?.removeEventListener('abort', pass);
      controller.abort();
    },
  };
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
