/** A responder from a user's function. */
import type { Prompt } from '../pairs/pair.js';
import { isRefusal } from './refusal.js';
import type { Answer, Responder, RespondOptions } from './responder.js';
import { callFunction, fieldOf, functionPart, hasMethod, unexpected } from './userFunction.js';

/** A function that answers one prompt. Declared as a method, so that a function for text prompts only is accepted too. */
export type AnswerFunction = {
  answer(prompt: Prompt, options: RespondOptions): Answer | Promise<Answer>;
}['answer'];

/** Anything that can answer prompts. */
export type ResponderLike = Responder | AnswerFunction;

/**
 * A responder as it is, or a function as a responder that answers up to 16 prompts at the same time. If the function
 * throws, that prompt is skipped with the error as its reason.
 *
 * @throws ApolabError if the value is neither
 * @example
 * const shout = asResponder((prompt: string) => prompt.toUpperCase());
 * await shout.respond(['hello'], { temperature: 0, seed: 0 }); // ['HELLO']
 */
export function asResponder(given: ResponderLike): Responder {
  if (hasMethod(given, 'respond')) return given;
  const part = functionPart(
    'responder',
    given,
    'an object with respond(prompts, options), or a function of one prompt',
  );
  const answer = async (prompt: Prompt, options: RespondOptions): Promise<Answer> => {
    const value = await callFunction(given, () => given(prompt, options), options.signal);
    if (typeof value === 'string' || isRefusal(value) || typeof fieldOf(value, 'response', 'text') === 'string') {
      return value;
    }
    return unexpected(given, value, 'a text');
  };
  return {
    ...part,
    respond: (prompts, options) => Promise.all(prompts.map((prompt) => answer(prompt, options))),
  };
}
