/**
 * Asking any responder one prompt at a time. Prompts that are asked in the same turn of the event loop are one batch for a
 * responder without a `concurrency`, such as a model loaded here.
 */
import { respond } from '../respond.js';
import type { Prompt } from '../../pairs/pair.js';
import type { Refusal, Responder, RespondOptions, Response } from '../responder.js';

/** Asks one prompt. */
export type Ask = (prompt: Prompt, options: RespondOptions) => Promise<Response | Refusal>;

interface Waiting {
  readonly prompt: Prompt;
  readonly options: RespondOptions;
  readonly resolve: (answer: Response | Refusal) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A function that asks a responder one prompt. Its promise rejects with the responder's errors, and with an ApolabError if
 * the responder does not give one answer per prompt.
 *
 * @example
 * const ask = askOne({ name: 'echo', respond: (prompts) => Promise.resolve(prompts.map(String)) });
 * await ask('Hello!', { temperature: 0, seed: 0 }); // { kind: 'response', text: 'Hello!' }
 */
export function askOne(responder: Responder): Ask {
  if (responder.concurrency !== undefined) {
    return async (prompt, options) => (await respond(responder, [prompt], options))[0]!;
  }
  let waiting: Waiting[] = [];
  const flush = () => {
    const batches = new Map<string, Waiting[]>();
    for (const one of waiting) {
      const key = optionsKey(one.options);
      batches.set(key, [...(batches.get(key) ?? []), one]);
    }
    waiting = [];
    for (const batch of batches.values()) void answerBatch(responder, batch);
  };
  return (prompt, options) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ prompt, options, resolve, reject });
    });
}

/** The limit of a judge or reviser that asks this responder: the responder limits the calls itself. */
export function concurrencyOf({ concurrency }: Responder): {
  readonly limitsConcurrency: true;
  readonly concurrency?: number;
} {
  return { limitsConcurrency: true, ...(concurrency === undefined ? {} : { concurrency }) };
}

async function answerBatch(responder: Responder, batch: readonly Waiting[]): Promise<void> {
  try {
    const prompts = batch.map(({ prompt }) => prompt);
    const all = await respond(responder, prompts, batch[0]!.options);
    batch.forEach(({ resolve }, index) => resolve(all[index]!));
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

/** A number for each signal, to compare options by a key. */
const signalNumbers = new WeakMap<AbortSignal, number>();
let signals = 0;

function optionsKey({ temperature, seed, maxTokens, signal }: RespondOptions): string {
  if (signal !== undefined && !signalNumbers.has(signal)) signalNumbers.set(signal, (signals += 1));
  return [temperature, seed, maxTokens, signal && signalNumbers.get(signal)].join(' ');
}
