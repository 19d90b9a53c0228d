/** A judge from a responder or a user's function. */
import type { Prompt } from '../../pairs/pair.js';
import type { Judge, Judgement, Responder } from '../responder.js';
import { promptedJudge } from './promptedJudge.js';
import { isRefusal } from '../refusal.js';
import { callFunction, fieldOf, functionPart, hasMethod, unexpected } from '../userFunction.js';

/** A function that scores one response. */
export type ScoreFunction = {
  score(prompt: Prompt, response: string, seed: number, signal?: AbortSignal): Judgement | Promise<Judgement>;
}['score'];

/**
 * A judge as it is, a responder as a judge that is asked with the project's template for a score from 1 to 10
 * (`promptedJudge`), or a function as a judge that scores up to 16 responses at the same time. If the function throws, the
 * response has no score, and the error is the reason.
 *
 * @throws ApolabError if the value is none of them
 * @example
 * const judge = asJudge((prompt, response) => -response.length);
 * await judge.score('2 + 2?', '4', 0); // -1
 */
export function asJudge(given: Judge | Responder | ScoreFunction): Judge {
  if (hasMethod(given, 'score')) return given;
  if (hasMethod(given, 'respond')) return promptedJudge(given);
  const part = functionPart(
    'judge',
    given,
    'an object with score(prompt, response, seed), a responder, or a function of prompt and response',
  );
  return {
    ...part,
    score: async (prompt, response, seed, signal) => {
      const value = await callFunction(given, () => given(prompt, response, seed, signal), signal);
      const score = fieldOf(value, 'score', 'score') ?? value;
      if (isRefusal(value) || Number.isFinite(score)) return value;
      return unexpected(given, score, 'a number');
    },
  };
}
