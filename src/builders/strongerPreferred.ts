/** Stronger Preferred: a stronger model's response is preferred to the policy's, and no judge compares them. */
import { asResponder, type ResponderLike } from '../responders/asResponder.js';
import { respond } from '../responders/respond.js';
import { seedFor } from '../responders/seedFor.js';
import type { BuildOptions } from './buildOptions.js';
import { buildPairsWith } from './buildPairsWith.js';
import type { PairStream } from './pairStream.js';
import { pairOutcome, refusedOutcome, skippedOutcome } from './promptOutcome.js';
import { sameEdges } from './sameEdges.js';
import { samplePolicy } from './samplePolicy.js';

/** Options of `strongerPreferred`. */
export interface StrongerPreferredOptions extends BuildOptions {
  readonly policy: ResponderLike;
  readonly stronger: ResponderLike;
}

/**
 * Pairs of `chosen = stronger(prompt)` and `rejected = policy(prompt)`, with the white space of the policy's response at the
 * edges of both. A prompt is skipped if both write the same text.
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
      makeOutcomes: async (items, asking) => {
        const prompts = items.map(({ prompt }) => prompt);
        const [samples, better] = await Promise.all([
          samplePolicy(policy, items, { ...asking, seed: seedFor(asking.seed, 'policy') }),
          respond(stronger, prompts, { ...asking, seed: seedFor(asking.seed, 'stronger') }),
        ]);
        return prompts.map((prompt, index) => {
          const [chosen, sample] = [better[index]!, samples[index]!];
          if (sample.kind === 'skipped') return refusedOutcome(prompt, 'the policy', sample);
          const response = sample.text;
          if (chosen.kind === 'skipped') return refusedOutcome(prompt, 'the stronger model', chosen, { response });
          const chosenText = sameEdges(chosen.text, response);
          if (chosenText === response) {
            return skippedOutcome(prompt, 'both responses are the same text', { response });
          }
          return pairOutcome(prompt, { chosen: chosenText, rejected: response }, [
            { part: 'policy', name: policy.name, origins: [sample] },
            { part: 'stronger', name: stronger.name, origins: [chosen] },
          ]);
        });
      },
    },
    common,
  );
}
