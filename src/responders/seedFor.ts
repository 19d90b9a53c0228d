import { fnv1a } from '../core/random.js';

/**
 * The seed for one use of a seed, so that two samples of one prompt differ.
 *
 * @example
 * seedFor(0, 'policy') === seedFor(0, 'reviser'); // false
 */
export function seedFor(seed: number, use: string | number): number {
  return fnv1a(`${seed} ${use}`);
}
