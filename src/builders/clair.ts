/** CLAIR, contrastive learning from AI revisions: a response of the policy, and its minimal revision. */
import type { Prompt } from '../pairs/pair.js';
import { asResponder, type ResponderLike } from '../responders/asResponder.js';
import { judgeOf, type JudgeLike } from '../responders/judges/judgeLike.js';
import type {
  Judge,
  PairJudge,
  Refusal,
  Responder,
  RespondOptions,
  Response,
  Reviser,
} from '../responders/responder.js';
import { asReviser, type ReviserLike } from '../responders/revisers/asReviser.js';
import { seedFor } from '../responders/seedFor.js';
import { withConcurrencyLimit } from '../responders/withConcurrencyLimit.js';
import type { BuildOptions } from './buildOptions.js';
import { buildPairsWith } from './buildPairsWith.js';
import { judgeCandidates } from './judgeCandidates.js';
import type { PairStream } from './pairStream.js';
import {
  type Contribution,
  pairOutcome,
  type PromptOutcome,
  refusedOutcome,
  skippedOutcome,
  templateOf,
} from './promptOutcome.js';
import { sameEdges } from './sameEdges.js';
import { samplePolicy } from './samplePolicy.js';

/** Options of `clair`. */
export interface ClairOptions extends BuildOptions {
  readonly policy: ResponderLike;
  /** A reviser, a function, or any responder, which is then asked with the template `revise`. */
  readonly reviser: ReviserLike;
  /** Keeps a revision only if this judge scores it above the response; a judge, a function, or any responder. */
  readonly judge?: JudgeLike;
}

/**
 * Pairs of `rejected = policy(prompt)` and `chosen = reviser(prompt, rejected)`, with the reviser's rationale. The revision
 * gets the white space at the response's edges. A prompt is skipped if the reviser refuses or changes nothing, or if the judge does not score the revision above the response.
 *
 * Source: D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @example
 * for await (const pair of clair({ prompts, policy, reviser, count: 100 })) console.log(pair.rationale);
 */
export function clair({ policy, reviser, judge, ...options }: ClairOptions): PairStream {
  const parts: Parts = {
    policy: asResponder(policy),
    reviser: asReviser(reviser),
    judge: judge === undefined ? undefined : judgeOf(judge),
  };
  return buildPairsWith(
    {
      builder: 'clair',
      parts: [parts.policy, parts.reviser, ...(parts.judge === undefined ? [] : [parts.judge])],
      makeOutcomes: async (prompts, common) => {
        const samples = await samplePolicy(parts.policy, prompts, { ...common, seed: seedFor(common.seed, 'policy') });
        return Promise.all(prompts.map(({ prompt }, index) => revised(parts, prompt, samples[index]!, common)));
      },
    },
    options,
  );
}

interface Parts {
  readonly policy: Responder;
  readonly reviser: Reviser;
  readonly judge: Judge | PairJudge | undefined;
}

/** The outcome of one sample. */
async function revised(
  { policy, reviser, judge }: Parts,
  prompt: Prompt,
  sample: Response | Refusal,
  { seed, signal }: RespondOptions,
): Promise<PromptOutcome> {
  if (sample.kind === 'skipped') return refusedOutcome(prompt, 'the policy', sample);
  const response = sample.text;
  const revision = await withConcurrencyLimit(reviser, () =>
    reviser.revise(prompt, response, seedFor(seed, 'reviser'), signal),
  );
  if (revision.kind === 'skipped') return refusedOutcome(prompt, 'the reviser', revision, { response });
  const chosenText = sameEdges(revision.response, response);
  if (chosenText === response) return skippedOutcome(prompt, 'the revision changes nothing', { response });
  const contributions: Contribution[] = [
    { part: 'policy', name: policy.name, origins: [sample] },
    { part: 'reviser', name: reviser.name, origins: [revision], template: templateOf('revise', reviser) },
  ];
  const pair = { chosen: chosenText, rejected: response, rationale: revision.rationale };
  if (judge === undefined) return pairOutcome(prompt, pair, contributions);
  const judged = await judgeCandidates(judge, prompt, [pair.chosen, pair.rejected], seed, signal);
  if (judged.kind === 'skipped') return refusedOutcome(prompt, 'the judge', judged, { response });
  const [chosen, rejected] = judged.scores as [number, number];
  if (chosen > rejected) {
    return pairOutcome(prompt, { ...pair, scores: { chosen, rejected } }, [...contributions, judged.contribution]);
  }
  const reason = `the judge does not prefer the revision: it scores it ${chosen} and the response ${rejected}`;
  return skippedOutcome(prompt, reason, { response, text: pair.chosen });
}
