/** Judge off-policy: other models answer, and a judge prefers one of them. */
import { asResponder, type ResponderLike } from '../responders/asResponder.js';
import { judgeOf, type JudgeLike } from '../responders/judges/judgeLike.js';
import { buildByJudge, type JudgedOptions } from './buildByJudge.js';
import type { BuildOptions } from './buildOptions.js';
import type { PairStream } from './pairStream.js';

/** Options of `judgeOffPolicy`. */
export interface JudgeOffPolicyOptions extends BuildOptions, JudgedOptions {
  /** The models that answer, two or more; in the paper they are weaker than the policy. */
  readonly responders: readonly ResponderLike[];
  readonly judge: JudgeLike;
}

/**
 * Pairs of the best and the worst of several responders' responses, by the judge's scores. A prompt is skipped if all
 * responses are the same text, or if the best and the worst score the same.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @throws ApolabError if there are fewer than two responders
 * @example
 * const pairs = await collect(judgeOffPolicy({ prompts, responders: [small, old], judge, count: 100 }));
 */
export function judgeOffPolicy({ responders, judge, leastMargin, ...options }: JudgeOffPolicyOptions): PairStream {
  return buildByJudge('judge_off_policy', responders.map(asResponder), judgeOf(judge), { leastMargin }, options);
}
