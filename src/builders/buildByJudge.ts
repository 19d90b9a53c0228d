/** The step that both judged datasets share: of several responses to one prompt, the judge's best and worst make the pair. */
import { ApolabError } from '../core/errors.js';
import type { Judge, PairJudge, Refusal, Responder, Response } from '../responders/responder.js';
import type { AskedPrompt } from './asked.js';
import { type BuildOptions, buildPairsWith } from './build.js';
import { type Contribution, type Outcome, paired, refused, skipped } from './outcome.js';
import { respond, sampleOf, seedFor } from '../responders/respond.js';
import { judgeCandidates } from './judgeCandidates.js';
import type { PairStream } from './pairStream.js';
import type { BuilderId } from './catalog.js';

export interface JudgedOptions {
  /**
   * How far apart the best and the worst score must be; what lies closer is a near-tie and gives no pair. By default every
   * difference will do.
   */
  readonly leastMargin?: number | undefined;
}

/** Pairs of the judge's best and worst among one response of each responder; a responder may be there several times. */
export function buildByJudge(
  builder: BuilderId,
  responders: readonly Responder[],
  judge: Judge | PairJudge,
  { leastMargin = 0 }: JudgedOptions,
  options: BuildOptions,
): PairStream {
  if (responders.length < 2) throw new ApolabError(`A judged pair needs two responders; given: ${responders.length}.`);
  return buildPairsWith(
    {
      builder,
      parts: [...responders, judge],
      pairUp: async (asked, asking) => {
        const { seed, signal } = asking;
        const prompts = asked.map(({ prompt }) => prompt);
        const answers = await Promise.all(
          responders.map((responder, sample) => {
            const one = { ...asking, sample, seed: seedFor(seed, ['first', 'second'][sample] ?? sample) };
            return sample === 0 ? sampleOf(responder, asked, one) : respond(responder, prompts, one);
          }),
        );
        const prefer = async ({ prompt }: AskedPrompt, place: number): Promise<Outcome> => {
          const found = answers.map((responses) => responses[place]!);
          const refusal = found.find((one): one is Refusal => one.kind === 'skipped');
          if (refusal !== undefined)
            return refused(prompt, `responder '${responders[found.indexOf(refusal)]!.name}'`, refusal);
          const texts = found.map((one) => (one as Response).text);
          if (new Set(texts).size === 1) return skipped(prompt, sameTexts(texts.length), { response: texts[0]! });
          const judged = await judgeCandidates(judge, prompt, texts, seed, signal);
          if (judged.kind === 'skipped') return refused(prompt, 'the judge', judged, { response: texts[0]! });
          const { scores, contribution } = judged;
          const [chosen, worst] = [Math.max(...scores), Math.min(...scores)];
          const [best, last] = [scores.indexOf(chosen), scores.indexOf(worst)];
          const reason = tieReason(scores, leastMargin);
          if (reason !== undefined) return skipped(prompt, reason, { response: texts[0]! });
          const contributors = responders.map((responder, index): Contribution => ({
            part: partOf(builder, index),
            name: responder.name,
            origins: [found[index]!],
          }));
          const pair = { chosen: texts[best]!, rejected: texts[last]!, scores: { chosen, rejected: worst } };
          return paired(prompt, pair, [...contributors, contribution]);
        };
        return Promise.all(asked.map(prefer));
      },
    },
    options,
  );
}

const sameTexts = (count: number) =>
  count === 2 ? 'both responses are the same text' : 'all responses are the same text';

/** All samples of the policy are one part; others count. */
const partOf = (builder: BuilderId, index: number) =>
  builder === 'judge_on_policy' ? 'policy' : `responder_${index + 1}`;

/** Why these scores prefer nothing; undefined where they do. */
function tieReason(scores: readonly number[], leastMargin: number): string | undefined {
  const margin = Math.max(...scores) - Math.min(...scores);
  const given = scores.length === 2 ? scores.join(' and ') : `${scores.slice(0, -1).join(', ')} and ${scores.at(-1)!}`;
  if (margin === 0) return `the judge prefers neither: it scores them ${given}`;
  if (margin < leastMargin) return `a near-tie: the judge scores them ${given}, less than ${leastMargin} apart`;
  return undefined;
}
