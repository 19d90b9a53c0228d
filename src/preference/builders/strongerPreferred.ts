/** Stronger preferred: a stronger model's response is preferred to the policy's, without looking at either. */
import { type BuildOptions, buildPairsWith, paired, rejected, respond, seedFor } from './build.js';
import type { PreferencePair } from '../pair.js';
import type { Responder } from '../responder.js';

export interface StrongerPreferredOptions extends BuildOptions {
  readonly policy: Responder;
  readonly stronger: Responder;
}

/**
 * Pairs of `chosen = stronger(prompt)` and `rejected = policy(prompt)`. A prompt gives no pair where both write the same.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * const pairs = await collect(strongerPreferred({ prompts, policy, stronger, count: 100, seed: 0 }));
 */
export function strongerPreferred(options: StrongerPreferredOptions): AsyncGenerator<PreferencePair, void> {
  const { policy, stronger, ...common } = options;
  return buildPairsWith(async (prompts, { temperature, seed }) => {
    const samples = await respond(policy, prompts, { temperature, seed: seedFor(seed, 'policy') });
    const better = await respond(stronger, prompts, { temperature, seed: seedFor(seed, 'stronger') });
    return prompts.map((prompt, index) => {
      const [chosen, sample] = [better[index]!, samples[index]!];
      if (chosen === sample) return rejected(prompt, 'both responses are the same text', sample);
      return paired({ prompt, chosen, rejected: sample });
    });
  }, common);
}
