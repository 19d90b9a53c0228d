/** Asking a responder for what a builder needs of it. */
import pLimit, { type LimitFunction } from 'p-limit';
import { ApolabError } from '../core/errors.js';
import { fnv1a } from '../core/random.js';
import type { Prompt } from '../pairs/pair.js';
import type { Refusal, Responder, RespondOptions, Response } from './responder.js';
import type { AskedPrompt } from '../builders/asked.js';

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
  const answers = await inTurn(responder, () => responder.respond(prompts, options), responder.concurrency ?? 1);
  if (answers.length === prompts.length) {
    return answers.map((answer) => (typeof answer === 'string' ? { kind: 'response', text: answer } : answer));
  }
  throw new ApolabError(
    `Responder '${responder.name}' gave ${answers.length} responses to ${prompts.length} prompts; it must give one a prompt, in their order.`,
  );
}

/** How many calls a part takes at once, and whether it sees to that itself. */
export interface Paced {
  readonly concurrency?: number;
  readonly selfPaced?: true;
}

const turns = new WeakMap<Paced, LimitFunction>();

/** Runs `work` when the part has room for one more call; at once where it has no limit or sees to it itself. */
export function inTurn<T>(part: Paced, work: () => Promise<T>, limit = part.concurrency): Promise<T> {
  if (part.selfPaced === true || limit === undefined) return work();
  const turn = turns.get(part) ?? pLimit(limit);
  turns.set(part, turn);
  return turn(work);
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
