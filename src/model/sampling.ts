/** Choosing the next token from the model's scores, with the same steps in the same order as transformers' logits processors. */
import { ApolabError } from '../core/errors.js';
import type { Random } from '../core/random.js';

/** How the next token is chosen. */
export interface SamplingOptions {
  /** 0 (the default) takes the most likely token; above 0, tokens are drawn from `softmax(scores / temperature)`. */
  readonly temperature?: number;
  /** Draws only among the `topK` most likely tokens; 1 or more. */
  readonly topK?: number;
  /** Draws only among the fewest most likely tokens whose probabilities sum to `topP` or more; above 0, at most 1. */
  readonly topP?: number;
  /**
   * For every token that the prompt or the response already contains: divides its score if it is positive, multiplies it if it
   * is negative; 1 (the default) changes nothing. Source: Keskar et al. 2019, CTRL, section 4.1.
   */
  readonly repetitionPenalty?: number;
}

/** What a person reads if no token can be chosen. */
export const notFiniteScores = 'The model computes scores that are not finite numbers, so no token can be chosen.';

/** Chooses a token id, given the scores `[vocabulary]` and the ids that the sequence already contains. */
export type TokenSampler = (scores: Float32Array, seen: ReadonlySet<number>) => number;

/**
 * Checks the ranges of the options.
 *
 * @throws ApolabError if an option is out of range; it names the option.
 */
export function checkSamplingOptions({ temperature, topK, topP, repetitionPenalty }: SamplingOptions): void {
  const check = (name: string, value: number | undefined, fits: (value: number) => boolean, right: string) => {
    if (value !== undefined && !(Number.isFinite(value) && fits(value))) {
      throw new ApolabError(`${name} is ${value}, expected ${right}.`);
    }
  };
  check('temperature', temperature, (value) => value >= 0, '0 (greedy) or a number above 0');
  check('topK', topK, (value) => Number.isInteger(value) && value > 0, 'a positive whole number');
  check('topP', topP, (value) => value > 0 && value <= 1, 'a number above 0, at most 1');
  check('repetitionPenalty', repetitionPenalty, (value) => value > 0, 'a number above 0 (1 is none)');
}

/** A sampler with these options; it draws one number per token from `random`, and none at temperature 0. */
export function createTokenSampler(options: SamplingOptions, random: Random): TokenSampler {
  const { temperature = 0, repetitionPenalty = 1 } = options;
  const penalise = (scores: Float32Array, seen: ReadonlySet<number>) =>
    repetitionPenalty === 1 ? scores : penalised(scores, seen, repetitionPenalty);
  if (temperature === 0) return (scores, seen) => mostLikely(penalise(scores, seen));
  return (scores, seen) => draw(samplingWeights(scores, seen, options), random);
}

/**
 * The weights that tokens are drawn with, after repetition penalty, temperature, top-k and top-p, in this order. The largest is
 * 1; a token that cannot be drawn has 0.
 *
 * @param scores logits, `[vocabulary]`
 * @param seen ids of the tokens that the repetition penalty applies to
 * @returns `[vocabulary]`
 * @throws ApolabError if a score is NaN.
 */
export function samplingWeights(
  scores: Float32Array,
  seen: ReadonlySet<number>,
  { temperature = 1, topK, topP = 1, repetitionPenalty = 1 }: SamplingOptions,
): Float64Array {
  const given = repetitionPenalty === 1 ? scores : penalised(scores, seen, repetitionPenalty);
  const top = given[mostLikely(given)]!;
  const weights = new Float64Array(given.length);
  for (let token = 0; token < weights.length; token++) weights[token] = Math.exp((given[token]! - top) / temperature);
  // As in transformers, top-k keeps every token that is as likely as the last kept one.
  if (topK !== undefined && topK < weights.length) dropBelow(weights, weights.toSorted()[weights.length - topK]!);
  if (topP < 1) dropBelow(weights, leastOfTopP(weights, topP));
  return weights;
}

function penalised(scores: Float32Array, seen: ReadonlySet<number>, penalty: number): Float32Array {
  const result = scores.slice();
  for (const token of seen) {
    const score = scores[token]!;
    result[token] = score < 0 ? score * penalty : score / penalty;
  }
  return result;
}

/** The smallest weight that top-p keeps. */
function leastOfTopP(weights: Float64Array, topP: number): number {
  const sorted = weights.filter((weight) => weight > 0).sort();
  const wanted = topP * sorted.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  for (let index = sorted.length - 1; index > 0; index--) {
    reached += sorted[index]!;
    if (reached >= wanted) return sorted[index]!;
  }
  return sorted[0]!;
}

function dropBelow(weights: Float64Array, least: number): void {
  for (let token = 0; token < weights.length; token++) if (weights[token]! < least) weights[token] = 0;
}

/** The id with the highest score, the first one if several share it. A NaN is an error, because no score is the highest. */
function mostLikely(scores: Float32Array): number {
  let best = 0;
  let sum = 0;
  for (let token = 0; token < scores.length; token++) {
    const score = scores[token]!;
    sum += score;
    if (score > scores[best]!) best = token;
  }
  if (!Number.isNaN(sum)) return best;
  throw new ApolabError(notFiniteScores);
}

function draw(weights: Float64Array, random: Random): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  let last = 0;
  for (let token = 0; token < weights.length; token++) {
    const weight = weights[token]!;
    if (weight === 0) continue;
    left -= weight;
    last = token;
    if (left < 0) break;
  }
  return last;
}
