import { respond, withoutThinking } from '../responders/respond.js';
import type { Refusal, Responder, RespondOptions, Response } from '../responders/responder.js';
import type { PromptItem } from './promptLike.js';

/** The policy's samples, one per prompt: a response that was given is used without its thinking, the policy writes the others. */
export async function samplePolicy(
  policy: Responder,
  items: readonly PromptItem[],
  options: RespondOptions,
): Promise<(Response | Refusal)[]> {
  const open = items.filter(({ response }) => response === undefined);
  const answers = await respond(
    policy,
    open.map(({ prompt }) => prompt),
    options,
  );
  return items.map(({ response }) =>
    response === undefined ? answers.shift()! : withoutThinking({ kind: 'response', text: response, model: 'given' }),
  );
}
