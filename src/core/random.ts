/**
 * Seeded random numbers. All random code in apolab takes a `Random`, so that a seed gives the same run on every machine.
 *
 * A seed and labels name a stream (`createRandom(7, 'prompts')`); more draws from one stream do not change another.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random draws. */
export interface Random {
  /** A number drawn uniformly from [0, 1). */
  uniform(): number;
  /** An integer drawn uniformly from 0 to `count - 1`. */
  integer(count: number): number;
  /** `true` with probability `probability`. */
  chance(probability: number): boolean;
  /** A number drawn from the standard normal distribution (Box-Muller). */
  normal(): number;
  /** One element, each with the same probability; throws a RangeError if there is none. */
  pick<T>(items: readonly T[]): T;
  /** One element, with a probability in proportion to its weight. The weights need not add up to 1. */
  pickWeighted<T>(items: readonly T[], weights: readonly number[]): T;
  /** A new array with the items in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * A stream of random draws; the same seed and labels give the same draws.
 *
 * @example
 * const random = createRandom(7, 'prompts');
 * random.integer(6); // ... (a throw of a die, 0 to 5)
 */
export function createRandom(seed: number, ...labels: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(fnv1a([seed, ...labels].join('\u0000')));
  const uniform = () => uniformFloat64(generator);
  const integer = (count: number) => uniformInt(generator, 0, count - 1);
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('pick() needs at least one item');
    return items[integer(items.length)] as T;
  };
  return {
    uniform,
    integer,
    chance: (probability) => uniform() < probability,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick,
    pickWeighted: (items, weights) => {
      let left = uniform() * weights.reduce((sum, weight) => sum + weight, 0);
      const chosen = items.findIndex((_, index) => (left -= weights[index] ?? 0) < 0);
      return items[chosen] ?? pick(items.slice(-1));
    },
    shuffle: (items) => {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        [result[last], result[other]] = [result[other] as never, result[last] as never];
      }
      return result;
    },
  };
}

/** The 32-bit FNV-1a hash of a string's UTF-16 code units. Seeds random streams and assigns prompts to splits. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
