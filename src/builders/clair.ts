/** CLAIR, contrastive learning from AI revisions: a response of the policy, and its minimal revision. */
import type { Prompt } from '../pairs/pair.js';
import { asResponder } from '../responders/asResponder.js';
import { asReviser } from '../responders/revisers/asReviser.js';
import type { Refusal, Response } from '../responders/responder.js';
import { type BuildOptions, buildPairsWith } from './build.js';
import { type Contribution, type Outcome, paired, refused, skipped, templateOf } from './outcome.js';
import { inTurn, sampleOf, seedFor } from '../responders/respond.js';
import { judgeCandidates } from './judgeCandidates.js';
import type { PairStream } from './pairStream.js';
import { judgeOf, type JudgeLike, type ResponderLike, type ReviserLike } from './parts.js';

export interface ClairOptions extends BuildOptions {
  readonly policy: ResponderLike;
  /** A reviser, or any responder: it is then asked through the template `revise`. */
  readonly reviser: ReviserLike;
  /** Keeps a revision only where this judge scores it above the response; any responder will do. */
  readonly judge?: JudgeLike;
}

/**
 * Pairs of `rejected = policy(prompt)` and `chosen = reviser(prompt, rejected)`, with the reviser's rationale. A prompt
 * gives no pair where the reviser declines or changes nothing, or the judge does not agree.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * for await (const pair of clair({ prompts, policy, reviser, count: 100 })) console.log(pair.rationale);
 */
export function clair({
  policy: policyLike,
  reviser: reviserLike,
  judge: judgeLike,
  ...options
}: ClairOptions): PairStream {
  const policy = asResponder(policyLike);
  const reviser = asReviser(reviserLike);
  const judge = judgeLike === undefined ? undefined : judgeOf(judgeLike);
  const parts = [policy, reviser, ...(judge === undefined ? [] : [judge])];
  return buildPairsWith(
    {
      builder: 'clair',
      parts,
      pairUp: async (asked, asking) => {
        const { seed, signal } = asking;
        const samples = await sampleOf(policy, asked, { ...asking, seed: seedFor(seed, 'policy') });
        const revise = async (prompt: Prompt, sample: Response | Refusal): Promise<Outcome> => {
          if (sample.kind === 'skipped') return refused(prompt, 'the policy', sample);
          const response = sample.text;
          const revision = await inTurn(reviser, () =>
            reviser.revise(prompt, response, seedFor(seed, 'reviser'), signal),
          );
          if (revision.kind === 'skipped') return refused(prompt, 'the reviser', revision, { response });
          if (revision.response === response) return skipped(prompt, 'the revision changes nothing', { response });
          const made: Contribution[] = [
            { part: 'policy', name: policy.name, origins: [sample] },
            { part: 'reviser', name: reviser.name, origins: [revision], template: templateOf('revise', reviser) },
          ];
          const pair = { chosen: revision.response, rejected: response, rationale: revision.rationale };
          if (judge === undefined) return paired(prompt, pair, made);
          const judged = await judgeCandidates(judge, prompt, [pair.chosen, pair.rejected], seed, signal);
          if (judged.kind === 'skipped') return refused(prompt, 'the judge', judged, { response });
          const [chosen, before] = judged.scores as [number, number];
          if (chosen > before)
            return paired(prompt, { ...pair, scores: { chosen, rejected: before } }, [...made, judged.contribution]);
          const reason = `the judge does not prefer the revision: it scores it ${chosen} and the response ${before}`;
          return skipped(prompt, reason, { response, text: pair.chosen });
        };
        return Promise.all(asked.map(({ prompt }, index) => revise(prompt, samples[index]!)));
      },
    },
    options,
  );
}
