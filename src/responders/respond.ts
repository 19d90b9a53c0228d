import { ApolabError } from '../core/errors.js';
import type { Prompt } from '../pairs/pair.js';
import { originOf } from './origin.js';
import { refusal } from './refusal.js';
import type { Refusal, Responder, RespondOptions, Response } from './responder.js';
import { splitThinking } from './thinking.js';
import { withConcurrencyLimit } from './withConcurrencyLimit.js';

/**
 * A responder's answers, one per prompt and in their order, without the thinking before them. A responder without a `concurrency` gets one batch at a time.
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
    return answers.map((answer) =>
      withoutThinking(typeof answer === 'string' ? { kind: 'response', text: answer } : answer),
    );
  }
  throw new ApolabError(
    `Responder '${responder.name}' gave ${answers.length} responses to ${prompts.length} prompts; it must give one per prompt, in their order.`,
  );
}

/** An answer with its thinking beside the text. If there is nothing but thinking, the answer is a refusal. */
export function withoutThinking(answer: Response | Refusal): Response | Refusal {
  if (answer.kind === 'skipped') return answer;
  const { text, reasoning } = splitThinking(answer.text);
  if (reasoning === '') return text === answer.text ? answer : { ...answer, text };
  const all = [answer.reasoning, reasoning].filter((part) => part !== undefined).join('\n\n');
  if (text.trim() !== '') return { ...answer, text, reasoning: all };
  return refusal('the answer is only thinking (cut off?)', { ...originOf(answer), text: answer.text });
}
