/** A judge of pairs out of a judge of single responses, and out of whatever `asJudge` takes. */
import type { Comparison, Judge, PairJudge, Refusal, Responder, Score } from '../responder.js';
import { seedFor } from '../respond.js';
import { asJudge, type ScoreFunction } from './asJudge.js';
import { joinedOrigins } from '../prompts/ask.js';
import { hasMethod } from '../userFunction.js';

/**
 * A judge of pairs as it is; any other judge, responder or function (see `asJudge`) as one that scores both responses
 * alone, each with a seed of its own. Such a judge doesn't know of any order, so it is always consistent.
 *
 * @example
 * const judge = asPairJudge((prompt, response) => response.length);
 * await judge.compare('2 + 2?', 'four', '4', 0); // { kind: 'compared', first: 4, second: 1, consistent: true }
 */
export function asPairJudge(given: PairJudge | Judge | Responder | ScoreFunction): PairJudge {
  if (hasMethod(given, 'compare')) return given;
  const judge = asJudge(given);
  const { name, concurrency, template } = judge;
  return {
    name,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(template === undefined ? {} : { template }),
    compare: async (prompt, first, second, seed, signal): Promise<Comparison | Refusal> => {
      const [one, other] = await Promise.all([
        judge.score(prompt, first, seedFor(seed, 'first judged'), signal),
        judge.score(prompt, second, seedFor(seed, 'second judged'), signal),
      ]);
      const [left, right] = [asScore(one), asScore(other)];
      if (left.kind === 'skipped') return { ...left, reason: `the first response: ${left.reason}` };
      if (right.kind === 'skipped') return { ...right, reason: `the second response: ${right.reason}` };
      const words = [left.reason, right.reason].filter((reason) => reason !== undefined);
      return {
        kind: 'compared',
        first: left.score,
        second: right.score,
        consistent: true,
        ...(words.length === 0 ? {} : { reason: words.join('\n\n') }),
        ...joinedOrigins([left, right]),
      };
    },
  };
}

function asScore(given: number | Score | Refusal): Score | Refusal {
  return typeof given === 'number' ? { kind: 'score', score: given } : given;
}
