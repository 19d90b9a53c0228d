/**
 * The paper's two statistics of a cell, and how sure one may be of them.
 *
 * A checkpoint's answers are a string of 0 and 1, one a prompt, and every checkpoint answers the same prompts as the base.
 * So intervals are paired: prompts are resampled, and base and all checkpoints are scored again on the same resample. The
 * largest change is picked anew each time, which keeps the picking inside the interval. Across seeds, each seed is one draw.
 */
import { createRandom } from '../../core/random.js';
import { confidence, meanInterval, quantile, type Estimate, type Interval } from '../../core/statistics.js';

export { studentQuantile, type Estimate, type Interval } from '../../core/statistics.js';

/** A cell's statistics: change against the base, in points. */
export interface Changes<T> {
  /** Over the checkpoints, the largest. */
  readonly max: T;
  /** Over the checkpoints, the mean. */
  readonly mean: T;
}

const resamples = 2000;

/** Largest score minus the base's: `max_k s_k - s_base`, in points. It is biased upward; `meanChange` is the steadier one. */
export function maxChange(scores: readonly number[], base: number): number {
  requireCheckpoint(scores);
  return Math.max(...scores) - base;
}

/** Mean score minus the base's: `mean_k s_k - s_base`, in points. */
export function meanChange(scores: readonly number[], base: number): number {
  requireCheckpoint(scores);
  return mean(scores) - base;
}

/** Share of the prompts answered correctly, 0 to 100. */
export function scoreOf(correct: string): number {
  return (100 * correct.replaceAll('0', '').length) / correct.length;
}

/**
 * Paired bootstrap intervals of a cell's max and mean change (percentile method over the evaluation prompts).
 *
 * @param base the base's answers, one of `0` and `1` a prompt
 * @param checkpoints each checkpoint's answers to the same prompts
 * @throws RangeError where the strings differ in length or there is no checkpoint
 * @example
 * changeIntervals('0011', ['0111', '1111'], 0).max; // { low: 0, high: 100 }
 */
export function changeIntervals(base: string, checkpoints: readonly string[], seed: number): Changes<Interval> {
  return bootstrap([[base], checkpoints], seed, ([baseScores, scores]) => ({
    max: maxChange(scores!, baseScores![0]!),
    mean: meanChange(scores!, baseScores![0]!),
  }));
}

/**
 * Paired difference of two cells of one seed, `first - second`, with its bootstrap interval: the base cancels.
 *
 * @example
 * changeDifference(clair.correct, judged.correct, 0).mean.interval; // above 0: the first cell is better within this seed
 */
export function changeDifference(first: readonly string[], second: readonly string[], seed: number): Changes<Estimate> {
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
 * Mean over seeds and its t-interval: `mean +- t(n - 1) * sd / sqrt(n)`, with the sample's standard deviation.
 *
 * @example
 * acrossSeeds([1, 2, 3]); // { value: 2, interval: { low: -0.484..., high: 4.484... } }
 */
export function acrossSeeds(values: readonly number[]): Estimate {
  const center = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
  return { value: center, interval: meanInterval({ count: values.length, mean: center, variance }) };
}

/** Resamples the prompts, scores every group of answers on the same resample, and takes the statistics' quantiles. */
function bootstrap(
  groups: readonly (readonly string[])[],
  seed: number,
  statistics: (scores: readonly (readonly number[])[]) => Changes<number>,
): Changes<Interval> {
  const prompts = groups[0]?.[0]?.length ?? 0;
  for (const correct of groups.flat()) {
    if (correct.length !== prompts || prompts === 0)
      throw new RangeError(`Answers to ${correct.length} prompts cannot be paired with answers to ${prompts}.`);
  }
  // Prompts that all policies answer alike are interchangeable; there are far fewer kinds of prompts than prompts.
  const answersOf = Array.from({ length: prompts }, (_, prompt) =>
    groups
      .flat()
      .map((correct) => correct[prompt]!)
      .join(''),
  );
  const kinds = [...new Set(answersOf)];
  const kindOf = Uint32Array.from(answersOf, (answers) => kinds.indexOf(answers));
  const random = createRandom(seed, 'bootstrap');
  const draws = Array.from({ length: resamples }, () => {
    const counts = new Uint32Array(kinds.length);
    for (let draw = 0; draw < prompts; draw++) counts[kindOf[random.integer(prompts)]!]!++;
    let policy = 0;
    return statistics(groups.map((group) => group.map(() => (100 * countCorrect(kinds, counts, policy++)) / prompts)));
  });
  return { max: percentiles(draws.map(({ max }) => max)), mean: percentiles(draws.map((draw) => draw.mean)) };
}

/** Right answers of one policy in a resample that has `counts` prompts of each kind. */
function countCorrect(kinds: readonly string[], counts: Uint32Array, policy: number): number {
  return kinds.reduce((sum, answers, kind) => (answers[policy] === '1' ? sum + counts[kind]! : sum), 0);
}

function percentiles(values: readonly number[]): Interval {
  const sorted = values.toSorted((one, other) => one - other);
  return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function requireCheckpoint(scores: readonly number[]): void {
  if (scores.length === 0) throw new RangeError('A change needs at least one checkpoint.');
}
