/** The result of an evaluation: types, and how scores and standard errors follow from the items' scores. */
import type { Displayable } from '../core/display.js';
import type { Prompt } from '../pairs/pair.js';
import type { ItemId, PartScore, ScoredItem } from './benchmark.js';

/** One example of an evaluation: what was asked, what was answered, and its score. */
export interface EvaluatedItem extends ScoredItem {
  /** What names the example in the benchmark's files. */
  readonly id?: ItemId;
  readonly prompt: Prompt;
  /** `null` if the answer was refused, or if the benchmark asks for none. */
  readonly response: string | null;
  /** The answer was refused; `reason` says why. */
  readonly refused?: true;
}

/** The score of a part of a benchmark: a kind of question, or another strictness. */
export interface PartEvaluation {
  readonly name: string;
  /** From 0 to 100, or the mean in the part's unit. */
  readonly score: number;
  /** Absent if the score is in points. */
  readonly unit?: 'nats';
  /** In points or in that unit; `null` if all scores are of one item. */
  readonly standardError: number | null;
  /** How many scores it is the mean of. */
  readonly n: number;
}

/** What `evaluate` gives: numbers and items. It shows itself in a notebook as a table. */
export interface Evaluation extends Displayable {
  /** The benchmark's label. */
  readonly benchmark: string;
  /** Mean of the items' scores, from 0 to 100. */
  readonly score: number;
  /** Standard error of the score, in points; `null` of a single item. */
  readonly standardError: number | null;
  /** How many items were scored. */
  readonly n: number;
  /** How many answers were refused. */
  readonly refused: number;
  /** How many answers no rule or judge could read. They score 0, so the true score is up to `100 * undecided / n` higher. */
  readonly undecided: number;
  /** The parts of the benchmark, in the order in which the items name them; empty if it has none. */
  readonly parts: readonly PartEvaluation[];
  /** In the order of the benchmark's examples. */
  readonly items: readonly EvaluatedItem[];
}

/**
 * The score of items: `100 * sum(s_i) / n`, from 0 to 100, for item scores `s_i` from 0 to 1.
 *
 * @example
 * scoreOf([0, 1, 0.5, 1]); // 62.5
 */
export function scoreOf(itemScores: readonly number[]): number {
  return (100 * itemScores.reduce((sum, score) => sum + score, 0)) / itemScores.length;
}

/**
 * The standard error of the score in points: `100 * sd / sqrt(n)`, with the sample's standard deviation
 * `sd = sqrt(sum((s_i - mean)^2) / (n - 1))`; `null` of a single item.
 *
 * @example
 * standardErrorOf([0, 1, 0, 1]); // 28.867...
 */
export function standardErrorOf(itemScores: readonly number[]): number | null {
  return clusteredErrorOf(itemScores.map((score) => [score]));
}

/**
 * The standard error of a mean over scores of which several belong to one item (IFEval's instructions of one prompt), in points:
 * `100 / n * sqrt(c / (c - 1) * sum over items of (sum over its scores of (s - mean))^2)` for `n` scores of `c` items. With one
 * score per item it is `standardErrorOf`. `null` of a single item.
 *
 * Source: the cluster-robust variance of a mean; Miller, Adding Error Bars to Evals, arXiv 2411.00640, equation 4, with the factor
 * `c / (c - 1)` for small samples.
 *
 * @example
 * clusteredErrorOf([[1, 0], [1, 1]]); // 25
 */
export function clusteredErrorOf(scoresOfItems: readonly (readonly number[])[]): number | null {
  const scores = scoresOfItems.flat();
  const items = scoresOfItems.length;
  if (items < 2) return null;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scoresOfItems.map((some) => some.reduce((sum, score) => sum + score - mean, 0) ** 2);
  const sum = squares.reduce((total, square) => total + square, 0);
  return (100 * Math.sqrt((items / (items - 1)) * sum)) / scores.length;
}

/**
 * The mean and the standard error of each named part, over all items that have it.
 *
 * @example
 * partsOf([[{ name: 'sums', score: 1 }], [{ name: 'sums', score: 0 }]]);
 * // [{ name: 'sums', score: 50, standardError: 50, n: 2 }]
 */
export function partsOf(partsOfItems: readonly (readonly PartScore[])[]): PartEvaluation[] {
  const found = new Map<string, { readonly unit: 'nats' | undefined; readonly scores: number[][] }>();
  for (const parts of partsOfItems) {
    const ofItem = new Map<string, number[]>();
    for (const { name, score, unit } of parts) {
      const part = found.get(name) ?? { unit, scores: [] };
      found.set(name, part);
      const own = ofItem.get(name) ?? [];
      if (own.length === 0) part.scores.push(own);
      ofItem.set(name, own);
      own.push(score);
    }
  }
  return Array.from(found, ([name, { unit, scores }]) => {
    const factor = unit === undefined ? 1 : 1 / 100;
    const [all, error] = [scores.flat(), clusteredErrorOf(scores)];
    return {
      name,
      score: scoreOf(all) * factor,
      ...(unit === undefined ? {} : { unit }),
      standardError: error === null ? null : error * factor,
      n: all.length,
    };
  });
}
