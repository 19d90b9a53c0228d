/** A reviser from a responder or a user's function. */
import type { Prompt } from '../../pairs/pair.js';
import type { Responder, Reviser, Revision } from '../responder.js';
import { promptedReviser } from './promptedReviser.js';
import { isRefusal } from '../refusal.js';
import { callFunction, fieldOf, functionPart, hasMethod, unexpected } from '../userFunction.js';

/** A function that revises one response; a text alone is a revision without a rationale. */
export type RevisionFunction = {
  revise(
    prompt: Prompt,
    response: string,
    seed: number,
    signal?: AbortSignal,
  ): string | Revision | Promise<string | Revision>;
}['revise'];

/** Anything that can revise: a reviser, a function, or a responder, which is asked with the template `revise`. */
export type ReviserLike = Reviser | Responder | RevisionFunction;

/**
 * A reviser as it is, a responder as a reviser that is asked with the project's template (`promptedReviser`), or a function
 * as a reviser that revises up to 16 responses at the same time. If the function throws, the response has no revision, and
 * the error is the reason.
 *
 * @throws ApolabError if the value is none of them
 * @example
 * const reviser = asReviser((prompt, response) => response.replace('5', '4'));
 * await reviser.revise('2 + 2?', 'It is 5.', 0); // { kind: 'revised', response: 'It is 4.', rationale: '' }
 */
export function asReviser(given: ReviserLike): Reviser {
  if (hasMethod(given, 'revise')) return given;
  if (hasMethod(given, 'respond')) return promptedReviser(given);
  const part = functionPart(
    'reviser',
    given,
    'an object with revise(prompt, response, seed), a responder, or a function of prompt and response',
  );
  return {
    ...part,
    revise: async (prompt, response, seed, signal) => {
      const value = await callFunction(given, () => given(prompt, response, seed, signal), signal);
      if (typeof value === 'string') return { kind: 'revised', response: value, rationale: '' };
      const texts = [fieldOf(value, 'revised', 'response'), fieldOf(value, 'revised', 'rationale')];
      if (isRefusal(value) || texts.every((text) => typeof text === 'string')) return value;
      return unexpected(given, value, 'the revised text, or a revision with its response and rationale');
    },
  };
}
