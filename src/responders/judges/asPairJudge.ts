/** A judge of pairs from a judge of single responses. */
import { joinedOrigins } from '../origin.js';
import type { Comparison, PairJudge, Refusal } from '../responder.js';
import { hasMethod } from '../userFunction.js';
import { asJudge } from './asJudge.js';
import type { JudgeLike } from './judgeLike.js';
import { scoreEach } from './scoreEach.js';

/**
 * A judge of pairs as it is. Any other judge, responder or function (see `asJudge`) becomes a judge of pairs that scores
 * both responses alone, each with a seed of its own. Such a judge knows no order, so it is always consistent.
 *
 * @throws ApolabError if the value cannot judge
 * @example
 * const judge = asPairJudge((prompt, response) => response.length);
 * await judge.compare('2 + 2?', 'four', '4', 0); // { kind: 'compared', first: 4, second: 1, consistent: true }
 */
export function asPairJudge(given: JudgeLike): PairJudge {
  if (hasMethod(given, 'compare')) return given;
  const judge = asJudge(given);
  const { name, concurrency, template } = judge;
  return {
    name,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(template === undefined ? {} : { template }),
    compare: async (prompt, first, second, seed, signal): Promise<Comparison | Refusal> => {
      const scores = await scoreEach(judge, prompt, [first, second], seed, signal);
      const [one, other] = scores as [(typeof scores)[0], (typeof scores)[0]];
      if (one.kind === 'skipped') return { ...one, reason: `the first response: ${one.reason}` };
      if (other.kind === 'skipped') return { ...other, reason: `the second response: ${other.reason}` };
      const reasons = [one.reason, other.reason].filter((reason) => reason !== undefined);
      return {
        kind: 'compared',
        first: one.score,
        second: other.score,
        consistent: true,
        ...(reasons.length === 0 ? {} : { reason: reasons.join('\n\n') }),
        ...joinedOrigins([one, other]),
      };
    },
  };
}
