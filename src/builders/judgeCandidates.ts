/** What every builder with a judge does: score the candidate responses to one prompt. */
import type { Prompt } from '../pairs/pair.js';
import type { Judge, Origin, PairJudge, Refusal } from '../responders/responder.js';
import { type Contribution, templateOf } from './outcome.js';
import { inTurn, seedFor } from '../responders/respond.js';

export type Judged =
  | {
      readonly kind: 'judged';
      /** One a candidate, in their order. */
      readonly scores: readonly number[];
      readonly contribution: Contribution;
    }
  | Refusal;

/**
 * Scores the candidates: each alone and with a seed of its own, or, by a judge of pairs, each against each, where a
 * candidate's score is the mean of what its comparisons gave it. One refusal refuses them all.
 */
export async function judgeCandidates(
  judge: Judge | PairJudge,
  prompt: Prompt,
  candidates: readonly string[],
  seed: number,
  signal?: AbortSignal,
): Promise<Judged> {
  const found =
    'compare' in judge
      ? await eachAgainstEach(judge, prompt, candidates, seed, signal)
      : await eachAlone(judge, prompt, candidates, seed, signal);
  if ('kind' in found) return found;
  const template = templateOf('compare' in judge ? 'compare' : 'score', judge);
  return {
    kind: 'judged',
    scores: found.scores,
    contribution: { part: 'judge', name: judge.name, origins: found.origins, template },
  };
}

interface Scored {
  readonly scores: readonly number[];
  readonly origins: readonly Origin[];
}

/** Seeds of the first two are named as they always were, so that a seed goes on giving the same scores. */
const useOf = (index: number) => `${['first', 'second'][index] ?? index} judged`;

async function eachAlone(
  judge: Judge,
  prompt: Prompt,
  candidates: readonly string[],
  seed: number,
  signal?: AbortSignal,
): Promise<Scored | Refusal> {
  const judgements = await Promise.all(
    candidates.map((candidate, index) =>
      inTurn(judge, () => judge.score(prompt, candidate, seedFor(seed, useOf(index)), signal)),
    ),
  );
  const scores: number[] = [];
  const origins: Origin[] = [];
  for (const judgement of judgements) {
    if (typeof judgement === 'number') scores.push(judgement);
    else if (judgement.kind === 'skipped') return judgement;
    else {
      scores.push(judgement.score);
      origins.push(judgement);
    }
  }
  return { scores, origins };
}

async function eachAgainstEach(
  judge: PairJudge,
  prompt: Prompt,
  candidates: readonly string[],
  seed: number,
  signal?: AbortSignal,
): Promise<Scored | Refusal> {
  const couples = candidates.flatMap((_, one) =>
    candidates.slice(one + 1).map((__, gap) => [one, one + 1 + gap] as const),
  );
  const compared = await Promise.all(
    couples.map(([one, other]) =>
      inTurn(judge, () =>
        judge.compare(prompt, candidates[one]!, candidates[other]!, seedFor(seed, `${one} against ${other}`), signal),
      ),
    ),
  );
  const sums = candidates.map(() => 0);
  const origins: Origin[] = [];
  for (const [index, [one, other]] of couples.entries()) {
    const comparison = compared[index]!;
    if (comparison.kind === 'skipped') return comparison;
    sums[one]! += comparison.first;
    sums[other]! += comparison.second;
    origins.push(comparison);
  }
  return { scores: sums.map((total) => total / (candidates.length - 1)), origins };
}
