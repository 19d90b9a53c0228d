/** Judge off-policy: two other models answer, and a judge prefers one of them. */
import { type BuildOptions, buildPairsWith, respond, seedFor } from './build.js';
import type { PreferencePair } from '../pair.js';
import { preferByJudge } from './buildByJudge.js';
import type { Judge, Responder } from '../responder.js';

export interface JudgeOffPolicyOptions extends BuildOptions {
  /** The two models that answer, in the paper weaker than the policy. */
  readonly responders: readonly [Responder, Responder];
  readonly judge: Judge;
}

/**
 * Pairs of the better and the worse of two responders' responses, by the judge's scores. A prompt gives no pair where
 * both responses are the same text or score the same.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * const pairs = await collect(judgeOffPolicy({ prompts, responders: [small, old], judge, count: 100, seed: 0 }));
 */
export function judgeOffPolicy(options: JudgeOffPolicyOptions): AsyncGenerator<PreferencePair, void> {
  const { responders, judge, ...common } = options;
  return buildPairsWith(async (prompts, { temperature, seed }) => {
    const [one, other] = responders;
    const first = await respond(one, prompts, { temperature, seed: seedFor(seed, 'first') });
    const second = await respond(other, prompts, { temperature, seed: seedFor(seed, 'second') });
    return preferByJudge(judge, prompts, first, second, seed);
  }, common);
}
