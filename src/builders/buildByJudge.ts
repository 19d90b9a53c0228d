/** What both judged builders share: of several responses to one prompt, the judge's best and worst make the pair. */
import { ApolabError } from '../core/errors.js';
import type { Prompt } from '../pairs/pair.js';
import { respond } from '../responders/respond.js';
import type { Judge, PairJudge, Refusal, Responder, RespondOptions, Response } from '../responders/responder.js';
import { seedFor } from '../responders/seedFor.js';
import type { BuildOptions } from './buildOptions.js';
import { buildPairsWith } from './buildPairsWith.js';
import type { BuilderId } from './catalog.js';
import { judgeCandidates } from './judgeCandidates.js';
import type { PairStream } from './pairStream.js';
import { type Contribution, pairOutcome, type PromptOutcome, refusedOutcome, skippedOutcome } from './promptOutcome.js';
import { sameEdges } from './sameEdges.js';
import { samplePolicy } from './samplePolicy.js';

/** The option that both judged builders take. */
export interface JudgedOptions {
  /** The least difference of the best and the worst score; closer ones are near-ties and are skipped. 0 by default. */
  readonly leastMargin?: number | undefined;
}

/** What the outcome of one prompt depends on. */
interface Judging {
  readonly builder: BuilderId;
  readonly responders: readonly Responder[];
  readonly judge: Judge | PairJudge;
  readonly leastMargin: number;
}

/**
 * Pairs of the judge's best and worst among one response of each responder; a responder may be given several times.
 *
 * @throws ApolabError if there are fewer than two responders
 */
export function buildByJudge(
  builder: BuilderId,
  responders: readonly Responder[],
  judge: Judge | PairJudge,
  { leastMargin = 0 }: JudgedOptions,
  options: BuildOptions,
): PairStream {
  if (responders.length < 2) throw new ApolabError(`A judged pair needs two responders; given: ${responders.length}.`);
  const judging = { builder, responders, judge, leastMargin };
  return buildPairsWith(
    {
      builder,
      parts: [...responders, judge],
      makeOutcomes: async (items, common) => {
        const prompts = items.map(({ prompt }) => prompt);
        const answers = await Promise.all(
          responders.map((responder, sample) => {
            const one = { ...common, sample, seed: seedFor(common.seed, ['first', 'second'][sample] ?? sample) };
            return sample === 0 ? samplePolicy(responder, items, one) : respond(responder, prompts, one);
          }),
        );
        return Promise.all(
          prompts.map((prompt, index) =>
            preferred(
              judging,
              prompt,
              answers.map((responses) => responses[index]!),
              common,
            ),
          ),
        );
      },
    },
    options,
  );
}

/** The outcome of one prompt with one answer of each responder. */
async function preferred(
  { builder, responders, judge, leastMargin }: Judging,
  prompt: Prompt,
  answers: readonly (Response | Refusal)[],
  { seed, signal }: RespondOptions,
): Promise<PromptOutcome> {
  const refused = answers.findIndex(({ kind }) => kind === 'skipped');
  if (refused !== -1) {
    return refusedOutcome(prompt, `responder '${responders[refused]!.name}'`, answers[refused] as Refusal);
  }
  const given = answers.map((answer) => (answer as Response).text);
  const response = given[0]!;
  // Samples of one responder differ as it writes them; different responders would differ by a convention.
  const texts = new Set(responders).size === 1 ? given : given.map((text) => sameEdges(text, response));
  if (new Set(texts).size === 1) return skippedOutcome(prompt, sameTexts(texts.length), { response });
  const judged = await judgeCandidates(judge, prompt, texts, seed, signal);
  if (judged.kind === 'skipped') return refusedOutcome(prompt, 'the judge', judged, { response });
  const { scores, contribution } = judged;
  const reason = tieReason(scores, leastMargin);
  if (reason !== undefined) return skippedOutcome(prompt, reason, { response });
  const [chosen, rejected] = [Math.max(...scores), Math.min(...scores)];
  const pair = {
    chosen: texts[scores.indexOf(chosen)]!,
    rejected: texts[scores.indexOf(rejected)]!,
    scores: { chosen, rejected },
  };
  const contributions = responders.map(({ name }, index): Contribution => ({
    part: partOf(builder, index),
    name,
    origins: [answers[index]!],
  }));
  return pairOutcome(prompt, pair, [...contributions, contribution]);
}

const sameTexts = (count: number) =>
  count === 2 ? 'both responses are the same text' : 'all responses are the same text';

/** All samples of the policy are one part; other responders are numbered from 1. */
const partOf = (builder: BuilderId, index: number) =>
  builder === 'judge_on_policy' ? 'policy' : `responder_${index + 1}`;

/** Why these scores prefer nothing; undefined if they do. */
function tieReason(scores: readonly number[], leastMargin: number): string | undefined {
  const margin = Math.max(...scores) - Math.min(...scores);
  const given = scores.length === 2 ? scores.join(' and ') : `${scores.slice(0, -1).join(', ')} and ${scores.at(-1)!}`;
  if (margin === 0) return `the judge prefers neither: it scores them ${given}`;
  if (margin < leastMargin) return `a near-tie: the judge scores them ${given}, less than ${leastMargin} apart`;
  return undefined;
}
