/** Asking a responder for what a builder needs of it. */
import { ApolabError } from '../../errors.js';
import { fnv1a } from '../../random.js';
import type { Prompt } from '../pair.js';
import type { Refusal, Responder, RespondOptions, Response } from '../responder.js';
import type { AskedPrompt } from './asked.js';

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
