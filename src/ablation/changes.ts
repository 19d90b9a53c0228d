/**
 * The paper's two statistics of a cell, the max and the mean change of the score, with 95 % intervals.
 *
 * A checkpoint has one score from 0 to 1 per prompt, and base and checkpoints answer the same prompts. So intervals are
 * paired: prompts are resampled, and base and checkpoints are scored on the same resample. The largest change is chosen
 * again in each resample, so the interval covers that choice. Across seeds, each seed is one draw.
 */
import { createRandom } from '../core/random.js';
import {
  mean,
  meanInterval,
  percentileInterval,
  sampleVariance,
  type Estimate,
  type Interval,
} from '../core/statistics.js';
import { scoreOf } from '../evaluation/evaluation.js';

/** Two statistics of a cell: change of the score against the base, in points. */
export interface Changes<T> {
  /** The largest over the checkpoints. */
  readonly max: T;
  /** The mean over the checkpoints. */
  readonly mean: T;
}

/** The scores of one policy, one per prompt, each from 0 to 1. */
export type ItemScores = readonly number[];

const resamples = 2000;

/**
 * Largest score minus the base's: `max_k s_k - s_base`, in points. It is biased upward; `meanChange` is the steadier number.
 * Throws a RangeError if there is no score.
 */
export function maxChange(scores: readonly number[], base: number): number {
  requireCheckpoint(scores);
  return Math.max(...scores) - base;
}

/** Mean score minus the base's: `mean_k s_k - s_base`, in points. Throws a RangeError if there is no score. */
export function meanChange(scores: readonly number[], base: number): number {
  requireCheckpoint(scores);
  return mean(scores) - base;
}

/**
 * Paired bootstrap intervals of a cell's max and mean change (percentile method over the evaluation prompts).
 *
 * @param base the base's item scores, one per prompt
 * @param checkpoints each checkpoint's item scores on the same prompts
 * @throws RangeError if the numbers of prompts differ or there is no checkpoint
 * @example
 * changeIntervals([0, 0, 1, 1], [[0, 1, 1, 1], [1, 1, 1, 1]], 0).max; // { low: 0, high: 100 }
 */
export function changeIntervals(base: ItemScores, checkpoints: readonly ItemScores[], seed: number): Changes<Interval> {
  return bootstrap([[base], checkpoints], seed, ([baseScores, scores]) => ({
    max: maxChange(scores!, baseScores![0]!),
    mean: meanChange(scores!, baseScores![0]!),
  }));
}

/**
 * Paired difference of two cells of one seed, `first - second`, with its bootstrap interval. The base cancels out.
 *
 * @param first the item scores of the first cell's checkpoints
 * @param second those of the second cell, on the same prompts
 * @throws RangeError if the numbers of prompts differ
 * @example
 * changeDifference([[0, 1, 1, 1]], [[0, 0, 1, 1]], 0).mean.value; // 25
 */
export function changeDifference(
  first: readonly ItemScores[],
  second: readonly ItemScores[],
  seed: number,
): Changes<Estimate> {
  const difference = ([one, other]: readonly (readonly number[])[]) => ({
    max: Math.max(...one!) - Math.max(...other!),
    mean: mean(one!) - mean(other!),
  });
  const value = difference([first.map(scoreOf), second.map(scoreOf)]);
  const interval = bootstrap([first, second], seed, difference);
  return {
    max: { value: value.max, interval: interval.max },
    mean: { value: value.mean, interval: interval.mean },
  };
}

/**
 * Mean over seeds and its t-interval: `mean +- t(n - 1) * sd / sqrt(n)`, with the sample's standard deviation; no interval
 * for a single seed.
 *
 * @example
 * acrossSeeds([1, 2, 3]); // { value: 2, interval: { low: -0.484..., high: 4.484... } }
 */
export function acrossSeeds(values: readonly number[]): Estimate {
  const center = mean(values);
  const variance = sampleVariance(values);
  return { value: center, interval: meanInterval({ count: values.length, mean: center, variance }) };
}

/** Resamples the prompts, scores every policy of every group on the same resample, and takes the statistics' quantiles. */
function bootstrap(
  groups: readonly (readonly ItemScores[])[],
  seed: number,
  statistics: (scores: readonly (readonly number[])[]) => Changes<number>,
): Changes<Interval> {
  const prompts = groups[0]?.[0]?.length ?? 0;
  for (const itemScores of groups.flat()) {
    if (itemScores.length !== prompts || prompts === 0)
      throw new RangeError(`Answers to ${itemScores.length} prompts cannot be paired with answers to ${prompts}.`);
  }
  const { kindOf, scoresOfKinds } = promptKinds(groups.flat(), prompts);
  const random = createRandom(seed, 'bootstrap');
  const draws = Array.from({ length: resamples }, () => {
    const counts = new Uint32Array(scoresOfKinds[0]!.length);
    for (let draw = 0; draw < prompts; draw++) counts[kindOf[random.integer(prompts)]!]!++;
    let policy = 0;
    return statistics(
      groups.map((group) => group.map(() => (100 * weightedSum(scoresOfKinds[policy++]!, counts)) / prompts)),
    );
  });
  return {
    max: percentileInterval(draws.map(({ max }) => max)),
    mean: percentileInterval(draws.map((draw) => draw.mean)),
  };
}

/**
 * Groups the prompts on which every policy has the same score: they are interchangeable, and with scores of 0 and 1 there
 * are far fewer kinds of prompts than prompts.
 *
 * @returns each prompt's kind, and for each policy its score on each kind
 */
function promptKinds(policies: readonly ItemScores[], prompts: number) {
  const kinds = new Map<string, number>();
  const kindOf = new Uint32Array(prompts);
  const firstOfKind: number[] = [];
  for (let prompt = 0; prompt < prompts; prompt++) {
    const scores = policies.map((itemScores) => itemScores[prompt]).join(' ');
    let kind = kinds.get(scores);
    if (kind === undefined) {
      kind = kinds.size;
      kinds.set(scores, kind);
      firstOfKind.push(prompt);
    }
    kindOf[prompt] = kind;
  }
  const scoresOfKinds = policies.map((itemScores) => firstOfKind.map((prompt) => itemScores[prompt]!));
  return { kindOf, scoresOfKinds };
}

/** Sum of one policy's scores in a resample that has `counts` prompts of each kind. */
function weightedSum(scores: readonly number[], counts: Uint32Array): number {
  let sum = 0;
  for (let kind = 0; kind < counts.length; kind++) sum += scores[kind]! * counts[kind]!;
  return sum;
}

function requireCheckpoint(scores: readonly number[]): void {
  if (scores.length === 0) throw new RangeError('A change needs at least one checkpoint.');
}
