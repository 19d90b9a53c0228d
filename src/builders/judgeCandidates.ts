/** What every builder with a judge does: score the candidate responses to one prompt. */
import type { Prompt } from '../pairs/pair.js';
import { scoreEach } from '../responders/judges/scoreEach.js';
import type { Judge, Origin, PairJudge, Refusal, Score } from '../responders/responder.js';
import { seedFor } from '../responders/seedFor.js';
import { withConcurrencyLimit } from '../responders/withConcurrencyLimit.js';
import { type Contribution, templateOf } from './promptOutcome.js';

/** The candidates' scores, or the judge's refusal. */
export type Judged =
  | {
      readonly kind: 'judged';
      /** One per candidate, in their order. */
      readonly scores: readonly number[];
      readonly contribution: Contribution;
    }
  | Refusal;

/**
 * Scores the candidates. A judge scores each alone, with a seed of its own; a judge of pairs compares each with each, and
 * the score of a candidate is the mean over its comparisons. The first refusal is the result if there is one.
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
      ? await compareEach(judge, prompt, candidates, seed, signal)
      : scored(await scoreEach(judge, prompt, candidates, seed, signal));
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

function scored(judgements: readonly (Score | Refusal)[]): Scored | Refusal {
  const scores: Score[] = [];
  for (const judgement of judgements) {
    if (judgement.kind === 'skipped') return judgement;
    scores.push(judgement);
  }
  return { scores: scores.map(({ score }) => score), origins: scores };
}

async function compareEach(
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
      withConcurrencyLimit(judge, () =>
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
