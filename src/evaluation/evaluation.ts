/** The result of an evaluation: types, and how score and standard error follow from the items' scores. */
import type { Displayable } from '../core/display.js';
import { sampleVariance } from '../core/statistics.js';
import type { Prompt } from '../pairs/pair.js';

/** One example of an evaluation: what was asked, what was answered, and its score. */
export interface EvaluatedItem {
  readonly prompt: Prompt;
  /** `null` if the answer was refused. */
  readonly response: string | null;
  /** From 0 to 1; 0 if the answer was refused. */
  readonly score: number;
  /** The benchmark's reason for the score, or why the answer was refused. */
  readonly reason?: string;
}

/** What `evaluate` gives: numbers and items. It shows itself in a notebook as a table. */
export interface Evaluation extends Displayable {
  /** The benchmark's label. */
  readonly benchmark: string;
  /** Mean of the items' scores, from 0 to 100. */
  readonly score: number;
  /** Standard error of the score, in points; `null` of a single item. */
  readonly standardError: number | null;
  /** How many answers were refused. */
  readonly refused: number;
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
  return itemScores.length < 2 ? null : 100 * Math.sqrt(sampleVariance(itemScores) / itemScores.length);
}
