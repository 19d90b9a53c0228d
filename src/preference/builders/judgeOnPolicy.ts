/** Judge on-policy: the policy answers twice, and a judge prefers one of the two samples. */
import type { BuildOptions } from './build.js';
import { judgeOffPolicy } from './judgeOffPolicy.js';
import type { PreferencePair } from '../pair.js';
import type { Judge, Responder } from '../responder.js';

export interface JudgeOnPolicyOptions extends BuildOptions {
  readonly policy: Responder;
  readonly judge: Judge;
}

/**
 * Pairs of the better and the worse of two samples of the policy, by the judge's scores. A prompt gives no pair where
 * both samples are the same text or score the same; at temperature 0 that is every prompt.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * const pairs = await collect(judgeOnPolicy({ prompts, policy, judge, count: 100, seed: 0 }));
 */
export function judgeOnPolicy({ policy, ...options }: JudgeOnPolicyOptions): AsyncGenerator<PreferencePair, void> {
  return judgeOffPolicy({ ...options, responders: [policy, policy] });
}
