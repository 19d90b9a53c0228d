/** Judge on-policy: the policy answers several times, and a judge prefers one of the samples. */
import { ApolabError } from '../core/errors.js';
import { asResponder, type ResponderLike } from '../responders/asResponder.js';
import { judgeOf, type JudgeLike } from '../responders/judges/judgeLike.js';
import { buildByJudge, type JudgedOptions } from './buildByJudge.js';
import type { BuildOptions } from './buildOptions.js';
import type { PairStream } from './pairStream.js';

/** Options of `judgeOnPolicy`. */
export interface JudgeOnPolicyOptions extends BuildOptions, JudgedOptions {
  readonly policy: ResponderLike;
  readonly judge: JudgeLike;
  /** Samples per prompt; the best and the worst make the pair. 2 by default, as in the paper. */
  readonly samples?: number;
}

/**
 * Pairs of the best and the worst of several samples of the policy, by the judge's scores. A prompt is skipped if all
 * samples are the same text, or if the best and the worst score the same; at temperature 0 that is every prompt.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @throws ApolabError if `samples` is not a whole number of at least 2
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
  // The same object for all samples, so that they share one limit on calls at the same time.
  const responder = asResponder(policy);
  const responders = Array.from({ length: samples }, () => responder);
  return buildByJudge('judge_on_policy', responders, judgeOf(judge), { leastMargin }, options);
}
