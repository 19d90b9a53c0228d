/** The choice of the next token from its scores, with the semantics and the order of transformers' logits processors. */
import { ApolabError } from '../core/errors.js';
import type { Random } from '../core/random.js';

export interface SamplingOptions {
  /** 0 (the default) takes the likeliest token; above, tokens are drawn from `softmax(scores / temperature)`. */
  readonly temperature?: number;
  /** Draws among the `topK` likeliest tokens only. */
  readonly topK?: number;
  /** Draws among the likeliest tokens whose probabilities together just reach `topP`, at least one. */
  readonly topP?: number;
  /**
   * Divides the positive scores of every token that the prompt or the response holds already, and multiplies the negative
   * ones; 1 (the default) does nothing. Keskar et al. 2019, CTRL, section 4.1.
   */
  readonly repetitionPenalty?: number;
}

/** Picks a token given the scores of the whole vocabulary and the tokens that came before. */
export type TokenSampler = (scores: Float32Array, seen: ReadonlySet<number>) => number;

/** @throws ApolabError that names the option, where one is out of its range. */
export function checkSamplingOptions({ temperature, topK, topP, repetitionPenalty }: SamplingOptions): void {
  const check = (name: string, value: number | undefined, fits: (value: number) => boolean, right: string) => {
    if (value !== undefined && !(Number.isFinite(value) && fits(value))) {
      throw new ApolabError(`${name} is ${value}, expected ${right}.`);
    }
  };
  check('temperature', temperature, (value) => value >= 0, '0 (greedy) or a number above');
  check('topK', topK, (value) => Number.isInteger(value) && value > 0, 'a positive whole number');
  check('topP', topP, (value) => value > 0 && value <= 1, 'a number above 0, at most 1');
  check('repetitionPenalty', repetitionPenalty, (value) => value > 0, 'a number above 0 (1 is none)');
}

/** A chooser with these options; `random` is asked once a token, and never where the choice is greedy. */
export function createTokenSampler(options: SamplingOptions, random: Random): TokenSampler {
  const { temperature = 0, repetitionPenalty = 1 } = options;
  const penalise = (scores: Float32Array, seen: ReadonlySet<number>) =>
    repetitionPenalty === 1 ? scores : penalised(scores, seen, repetitionPenalty);
  if (temperature === 0) return (scores, seen) => likeliest(penalise(scores, seen));
  return (scores, seen) => draw(samplingWeights(scores, seen, options), random);
}

/**
 * The weights that tokens are drawn by, largest 1, 0 where one is out: penalty, temperature, top-k, top-p, in this order.
 *
 * @param scores logits, `[vocabulary]`
 * @param seen tokens that the penalty meets
 */
export function samplingWeights(
  scores: Float32Array,
  seen: ReadonlySet<number>,
  { temperature = 1, topK, topP = 1, repetitionPenalty = 1 }: SamplingOptions,
): Float64Array {
  const given = repetitionPenalty === 1 ? scores : penalised(scores, seen, repetitionPenalty);
  const top = given[likeliest(given)]!;
  const weights = new Float64Array(given.length);
  for (let token = 0; token < weights.length; token++) weights[token] = Math.exp((given[token]! - top) / temperature);
  // Tokens as likely as the last one that stays do stay, in top-k as in transformers.
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

/** The smallest weight among the likeliest tokens that together first reach `topP` of all. */
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

/** @throws ApolabError where a score is NaN: no token is then the likeliest. */
function likeliest(scores: Float32Array): number {
  let best = 0;
  let sum = 0;
  for (let token = 0; token < scores.length; token++) {
    const score = scores[token]!;
    sum += score;
    if (score > scores[best]!) best = token;
  }
  if (!Number.isNaN(sum)) return best;
  throw new ApolabError('The model computes scores that are not finite numbers, so no token can be chosen of them.');
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
