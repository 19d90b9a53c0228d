import { ApolabError } from '../core/errors.js';
import type { Prompt } from '../pairs/pair.js';
import type { Refusal, Responder, RespondOptions, Response } from './responder.js';
import { withConcurrencyLimit } from './withConcurrencyLimit.js';

/**
 * A responder's answers, one per prompt and in their order. A responder without a `concurrency` gets one batch at a time.
 *
 * @throws ApolabError if the responder gives too few or too many answers
 * @example
 * const shout = asResponder((prompt: string) => prompt.toUpperCase());
 * await respond(shout, ['hello'], { temperature: 0, seed: 0 }); // [{ kind: 'response', text: 'HELLO' }]
 */
export async function respond(
  responder: Responder,
  prompts: readonly Prompt[],
  options: RespondOptions,
): Promise<(Response | Refusal)[]> {
  if (prompts.length === 0) return [];
  const limit = responder.concurrency ?? 1;
  const answers = await withConcurrencyLimit(responder, () => responder.respond(prompts, options), limit);
  if (answers.length === prompts.length) {
    return answers.map((answer) => (typeof answer === 'string' ? { kind: 'response', text: answer } : answer));
  }
  throw new ApolabError(
    `Responder '${responder.name}' gave ${answers.length} responses to ${prompts.length} prompts; it must give one per prompt, in their order.`,
  );
}
