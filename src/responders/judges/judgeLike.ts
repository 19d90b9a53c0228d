/** What may be given as a judge, and how it becomes one. */
import type { Judge, PairJudge, Responder } from '../responder.js';
import { asJudge, type ScoreFunction } from './asJudge.js';

/** Anything that can judge: a judge, a function that scores, or a responder, which is asked with the template `score`. */
export type JudgeLike = Judge | PairJudge | Responder | ScoreFunction;

/**
 * A judge of pairs as it is; anything else as a judge of single responses (see `asJudge`).
 *
 * @throws ApolabError if the value cannot judge
 * @example
 * judgeOf((prompt, response) => response.length).concurrency; // 16
 */
export function judgeOf(given: JudgeLike): Judge | PairJudge {
  return typeof given === 'object' && 'compare' in given ? given : asJudge(given);
}
