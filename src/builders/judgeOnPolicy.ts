/** Judge on-policy: the policy answers several times, and a judge prefers one of the samples. */
import { ApolabError } from '../core/errors.js';
import { asResponder } from '../responders/asResponder.js';
import type { BuildOptions } from './build.js';
import { buildByJudge, type JudgedOptions } from './buildByJudge.js';
import type { PairStream } from './pairStream.js';
import { judgeOf, type JudgeLike, type ResponderLike } from './parts.js';

export interface JudgeOnPolicyOptions extends BuildOptions, JudgedOptions {
  readonly policy: ResponderLike;
  readonly judge: JudgeLike;
  /** Samples a prompt, of which the best and the worst make the pair; 2 by default, as in the paper. */
  readonly samples?: number;
}

/**
 * Pairs of the best and the worst of several samples of the policy, by the judge's scores. A prompt gives no pair where
 * all samples are the same text, or the best and the worst score the same; at temperature 0 that is every prompt.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * const pairs = await collect(judgeOnPolicy({ prompts, policy, judge, count: 100 }));
 */
export function judgeOnPolicy({
  policy,
  judge,
  samples = 2,
  leastMargin,
  ...options
}: JudgeOnPolicyOptions): PairStream {
  if (!Number.isInteger(samples) || samples < 2) {
    throw new ApolabError(`samples must be a whole number of at least 2, since a pair needs two; given: ${samples}.`);
  }
  // One for all samples, so that a function is called no more often at once than it takes.
  const responder = asResponder(policy);
  const responders = Array.from({ length: samples }, () => responder);
  return buildByJudge('judge_on_policy', responders, judgeOf(judge), { leastMargin }, options);
}
