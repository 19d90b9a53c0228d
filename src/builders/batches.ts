/** Prompts in batches: how large a batch is, how many run at the same time, and what one batch gives. */
import type { RespondOptions } from '../responders/responder.js';
import type { PromptItem, NumberedPrompt } from './promptLike.js';
import { type PromptOutcome, withRow } from './promptOutcome.js';

/** Makes one outcome per prompt, in the order of the prompts. */
export type MakeOutcomes = (
  prompts: readonly PromptItem[],
  options: RespondOptions,
) => Promise<readonly PromptOutcome[]>;

/** Finished prompts wait for slower ones before them, so more prompts are started than the responders take at once. */
const startedPerRequest = 16;

/** How many prompts go into one call, and how many calls run at the same time. */
export interface BatchPlan {
  readonly batchSize: number;
  readonly ahead: number;
}

/**
 * The plan for a recipe's parts. If all parts have a concurrency, each prompt is a call of its own; otherwise calls have
 * `batchSize` prompts, because a model loaded here samples many for little more than the cost of one.
 */
export function planBatches(parts: readonly { readonly concurrency?: number }[], batchSize: number): BatchPlan {
  const concurrencies = parts.flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency]));
  const size = concurrencies.length === parts.length ? 1 : batchSize;
  const started = startedPerRequest * Math.max(0, ...concurrencies);
  // With a model loaded here and an endpoint, the model's next batch runs while the endpoint answers the last one.
  const extra = size > 1 && started > 0 ? 1 : 0;
  return { batchSize: size, ahead: Math.max(1, Math.ceil(started / size)) + extra };
}

/** The items in arrays of `size`; the last one may be shorter. */
export async function* batchesOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
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

/**
 * The outcomes of one batch, in its order. Prompts that come for the first time are one call of `makeOutcomes`, those that
 * come for the second time another, and so on, because `optionsOf` gives each repetition a seed of its own.
 */
export async function runBatch(
  makeOutcomes: MakeOutcomes,
  batch: readonly NumberedPrompt[],
  optionsOf: (repeat: number) => RespondOptions,
): Promise<PromptOutcome[]> {
  const outcomes: PromptOutcome[] = [];
  const indicesByRepeat = new Map<number, number[]>();
  for (const [index, one] of batch.entries()) {
    if (one.kind === 'prompt') indicesByRepeat.set(one.repeat, [...(indicesByRepeat.get(one.repeat) ?? []), index]);
    else outcomes[index] = { kind: 'skipped', skipped: { prompt: '', reason: one.reason, text: one.text } };
  }
  for (const [repeat, indices] of indicesByRepeat) {
    const made = await makeOutcomes(
      indices.map((index) => batch[index] as PromptItem),
      optionsOf(repeat),
    );
    indices.forEach((index, place) => (outcomes[index] = made[place]!));
  }
  return outcomes.map((outcome, index) => withRow(outcome, batch[index]!.row));
}
