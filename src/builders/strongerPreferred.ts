/** Stronger preferred: a stronger model's response is preferred to the policy's, without looking at either. */
import { asResponder } from '../responders/asResponder.js';
import { type BuildOptions, buildPairsWith } from './build.js';
import { paired, refused, skipped } from './outcome.js';
import { respond, sampleOf, seedFor } from '../responders/respond.js';
import type { PairStream } from './pairStream.js';
import { type ResponderLike } from './parts.js';

export interface StrongerPreferredOptions extends BuildOptions {
  readonly policy: ResponderLike;
  readonly stronger: ResponderLike;
}

/**
 * Pairs of `chosen = stronger(prompt)` and `rejected = policy(prompt)`. A prompt gives no pair where both write the same.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * const pairs = await collect(strongerPreferred({ prompts, policy, stronger, count: 100 }));
 */
export function strongerPreferred(options: StrongerPreferredOptions): PairStream {
  const { policy: policyLike, stronger: strongerLike, ...common } = options;
  const [policy, stronger] = [asResponder(policyLike), asResponder(strongerLike)];
  return buildPairsWith(
    {
      builder: 'stronger_preferred',
      parts: [policy, stronger],
      pairUp: async (asked, asking) => {
        const prompts = asked.map(({ prompt }) => prompt);
        const [samples, better] = await Promise.all([
          sampleOf(policy, asked, { ...asking, seed: seedFor(asking.seed, 'policy') }),
          respond(stronger, prompts, { ...asking, seed: seedFor(asking.seed, 'stronger') }),
        ]);
        return prompts.map((prompt, index) => {
          const [chosen, sample] = [better[index]!, samples[index]!];
          if (sample.kind === 'skipped') return refused(prompt, 'the policy', sample);
          const response = sample.text;
          if (chosen.kind === 'skipped') return refused(prompt, 'the stronger model', chosen, { response });
          if (chosen.text === response) return skipped(prompt, 'both responses are the same text', { response });
          return paired(prompt, { chosen: chosen.text, rejected: response }, [
            { part: 'policy', name: policy.name, origins: [sample] },
            { part: 'stronger', name: stronger.name, origins: [chosen] },
          ]);
        });
      },
    },
    common,
  );
}
