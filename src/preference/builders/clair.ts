/** CLAIR, contrastive learning from AI revisions: a response of the policy, and its minimal revision. */
import { type BuildOptions, buildPairsWith, type Outcome, paired, rejected, respond, seedFor } from './build.js';
import type { PreferencePair } from '../pair.js';
import type { Responder, Reviser } from '../responder.js';

export interface ClairOptions extends BuildOptions {
  readonly policy: Responder;
  readonly reviser: Reviser;
}

/**
 * Pairs of `rejected = policy(prompt)` and `chosen = reviser(prompt, rejected)`, with the reviser's rationale. A prompt
 * gives no pair where the reviser declines or changes nothing.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * for await (const pair of clair({ prompts, policy, reviser, count: 100, seed: 0 })) console.log(pair.rationale);
 */
export function clair({ policy, reviser, ...options }: ClairOptions): AsyncGenerator<PreferencePair, void> {
  return buildPairsWith(async (prompts, { temperature, seed }) => {
    const samples = await respond(policy, prompts, { temperature, seed: seedFor(seed, 'policy') });
    const revise = async (prompt: string, index: number): Promise<Outcome> => {
      const sample = samples[index]!;
      const revision = await reviser.revise(prompt, sample, seedFor(seed, 'reviser'));
      if (revision.kind === 'rejected') return rejected(prompt, revision.reason, sample);
      if (revision.response === sample) return rejected(prompt, 'the revision changes nothing', sample);
      return paired({ prompt, chosen: revision.response, rejected: sample, rationale: revision.rationale });
    };
    return Promise.all(prompts.map(revise));
  }, options);
}
