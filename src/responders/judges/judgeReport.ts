/** A report on a judge's scores of many pairs: decided pairs, near-ties and ties. */
import { ApolabError } from '../../core/errors.js';
import type { Displayable } from '../../core/display.js';
import type { PairScores, PreferencePair } from '../../pairs/pair.js';
import type { Comparison, Refusal } from '../responder.js';
import { type Fact, withFactTable } from './factTable.js';
import { refusalFacts } from './positionBias.js';
import { describeProportion, type Proportion, wilson } from '../../core/statistics.js';

/** The two scores of a pair, in any form that has them, or a refusal. */
export type JudgedOutcome =
  PairScores | Pick<PreferencePair, 'scores'> | Pick<Comparison, 'first' | 'second'> | Comparison | Refusal;

/** Counts of a judge's scores; each proportion has Wilson's 95 % interval. */
export interface JudgeReport extends Displayable {
  /** Pairs with two scores. */
  readonly judged: number;
  /** Both responses score the same. */
  readonly ties: Proportion;
  /** The scores differ, by less than the threshold. */
  readonly nearTies: Proportion;
  /** The scores differ by the threshold or more. */
  readonly decided: Proportion;
  /** Comparisons whose verdict changed with the order, among those in both orders. */
  readonly inconsistent: Proportion;
  /** Mean of the absolute differences of the scores; NaN if there are none. */
  readonly meanDifference: number;
  /** How often each score was given, the lowest first: shows a judge that gives almost all responses the same score. */
  readonly scores: readonly (readonly [score: number, count: number])[];
  /** Refusals. Pairs that were not judged are not included. */
  readonly refused: readonly Refusal[];
}

/** Options of `judgeReport`. */
export interface JudgeReportOptions {
  /** A smaller difference of the scores is a near-tie; 1 by default, the step of the usual scale. */
  readonly nearTie?: number;
}

/** The display shows at most so many scores, the most frequent ones. */
const mostScores = 12;

/**
 * Counts ties, near-ties and decided pairs, and the scores that were given.
 *
 * @param outcomes pairs with `scores`, results of `comparePairs`, or `{ first, second }`; pairs without scores are ignored
 * @returns the report, which a notebook shows as a table
 * @throws ApolabError if the threshold is not a number of at least 0
 * @example
 * const { ties, nearTies } = judgeReport([
 *   { first: 7, second: 7 },
 *   { first: 8, second: 7.5 },
 *   { first: 9, second: 3 },
 * ]);
 * [ties.count, nearTies.count]; // [1, 1]
 */
export function judgeReport(outcomes: Iterable<JudgedOutcome>, { nearTie = 1 }: JudgeReportOptions = {}): JudgeReport {
  if (!(nearTie >= 0)) throw new ApolabError(`nearTie must be a number of at least 0; given: ${nearTie}.`);
  const all = [...outcomes];
  const refused = all.filter((one): one is Refusal => 'kind' in one && one.kind === 'skipped');
  const couples = all.flatMap((one) => {
    const couple = scoresOf(one);
    return couple === undefined ? [] : [couple];
  });
  const differences = couples.map(([first, second]) => Math.abs(first - second));
  const share = (fits: (difference: number) => boolean) => wilson(differences.filter(fits).length, differences.length);
  const inBothOrders = all.filter(
    (one): one is Comparison => 'kind' in one && one.kind === 'compared' && one.verdicts !== undefined,
  );
  const counts = new Map<number, number>();
  for (const score of couples.flat()) counts.set(score, (counts.get(score) ?? 0) + 1);
  const report = {
    judged: couples.length,
    ties: share((difference) => difference === 0),
    nearTies: share((difference) => difference > 0 && difference < nearTie),
    decided: share((difference) => difference > 0 && difference >= nearTie),
    inconsistent: wilson(inBothOrders.filter(({ consistent }) => !consistent).length, inBothOrders.length),
    meanDifference: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
    scores: [...counts].sort(([one], [other]) => one - other),
    refused,
  };
  const facts: Fact[] = [
    ['judged', String(report.judged)],
    ['ties', describeProportion(report.ties)],
    [`near-ties (less than ${nearTie} apart)`, describeProportion(report.nearTies)],
    ['decided', describeProportion(report.decided)],
    ...(inBothOrders.length === 0
      ? []
      : [['verdict changes with the order', describeProportion(report.inconsistent)] as const]),
    ...(couples.length === 0 ? [] : [['mean difference', report.meanDifference.toPrecision(3)] as const]),
    ...(couples.length === 0 ? [] : [['scores given', describeScores(report.scores)] as const]),
    ...refusalFacts(refused),
  ];
  return withFactTable(report, 'Judged pairs', facts);
}

function scoresOf(outcome: JudgedOutcome): readonly [number, number] | undefined {
  if ('first' in outcome) return [outcome.first, outcome.second];
  const scores = 'chosen' in outcome && typeof outcome.chosen === 'number' ? outcome : undefined;
  const given = scores ?? ('scores' in outcome ? outcome.scores : undefined);
  return given === undefined ? undefined : [given.chosen, given.rejected];
}

/** '6: 3, 7: 12'. */
function describeScores(scores: JudgeReport['scores']): string {
  const frequent = [...scores].sort(([, one], [, other]) => other - one).slice(0, mostScores);
  const shown = frequent.sort(([one], [other]) => one - other).map(([score, count]) => `${score}: ${count}`);
  const rest = scores.length - shown.length;
  return `${shown.join(', ')}${rest === 0 ? '' : ` and ${rest} other scores`}`;
}
