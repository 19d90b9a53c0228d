/** Several judges as one. */
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import type { Judge, Refusal, Score } from '../responder.js';
import { joinedOrigins } from '../origin.js';

import { asScore } from './scoreEach.js';

/** How the judges' scores of a response become one score. */
const combinations = {
  mean,
  median: (scores: readonly number[]) => {
    const sorted = [...scores].sort((one, other) => one - other);
    return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
  },
  majority: (scores: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const score of scores) counts.set(score, (counts.get(score) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return mean([...counts].filter(([, count]) => count === most).map(([score]) => score));
  },
} as const satisfies Record<string, (scores: readonly number[]) => number>;

function mean(scores: readonly number[]): number {
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Options of `ensembleJudge`. */
export interface EnsembleJudgeOptions {
  /**
   * Mean (the default), median, or majority: the score that most judges give, or the mean of such scores if there are
   * several.
   */
  readonly combine?: keyof typeof combinations;
  /** How many judges must give a score; all of them by default. */
  readonly least?: number;
  /** The judges' names by default. */
  readonly name?: string;
}

/**
 * A judge that combines the scores of several judges, which should use the same scale. Its `reason` lists the score of each
 * judge, or the reason why it gave none.
 *
 * @throws ApolabError if there is no judge, or `least` is not between 1 and their number; UnknownNameError for an unknown
 * `combine`
 * @example
 * const judges = [9, 4, 5].map((score) => asJudge(() => score));
 * await ensembleJudge(judges, { combine: 'median' }).score('2 + 2?', '4', 0);
 * // { kind: 'score', score: 5, reason: 'function: 9\nfunction: 4\nfunction: 5' }
 */
export function ensembleJudge(judges: readonly Judge[], options: EnsembleJudgeOptions = {}): Judge {
  const { combine = 'mean', least = judges.length } = options;
  if (judges.length === 0) throw new ApolabError('An ensemble needs at least one judge; given: none.');
  if (!Number.isInteger(least) || least < 1 || least > judges.length) {
    throw new ApolabError(`least must be a whole number from 1 to ${judges.length}, the judges; given: ${least}.`);
  }
  if (!Object.hasOwn(combinations, combine)) {
    throw new UnknownNameError('way to combine scores', combine, Object.keys(combinations));
  }
  const { name = judges.map((judge) => judge.name).join(' + ') } = options;
  const concurrencies = judges.flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency]));
  const templates = new Set(judges.flatMap(({ template }) => (template === undefined ? [] : [template])));
  return {
    name,
    ...(concurrencies.length < judges.length ? {} : { concurrency: Math.min(...concurrencies) }),
    ...(templates.size === 0 ? {} : { template: [...templates].join('+') }),
    score: async (prompt, response, seed, signal): Promise<Score | Refusal> => {
      const given = await Promise.all(judges.map((judge) => judge.score(prompt, response, seed, signal)));
      const judgements = given.map(asScore);
      const listed = judgements.map((one, index) => `${judges[index]!.name}: ${wordsOf(one)}`).join('\n');
      const origin = joinedOrigins(judgements);
      const scores = judgements.flatMap((one) => (one.kind === 'score' ? [one.score] : []));
      if (scores.length >= least) {
        return { kind: 'score', score: combinations[combine](scores), reason: listed, ...origin };
      }
      const refusals = judgements.flatMap((one, index) =>
        one.kind === 'skipped' ? [`${judges[index]!.name}: ${one.reason}`] : [],
      );
      const need = least === judges.length ? 'all must' : `at least ${least} must`;
      const reason = `${scores.length} of ${judges.length} judges gave a score, and ${need}; ${refusals.join('; ')}`;
      return { kind: 'skipped', reason, text: listed, ...origin };
    },
  };
}

/** One judge's line in the ensemble's reason. */
function wordsOf(one: Score | Refusal): string {
  if (one.kind === 'skipped') return `no score (${one.reason})${one.text === undefined ? '' : `\n${one.text}`}`;
  return `${one.score}${one.reason === undefined ? '' : `, ${one.reason}`}`;
}
