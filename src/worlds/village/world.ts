/** A miniature world: a village ledger in which quality can be checked, not guessed. All of it follows from one seed. */
import { drawFacts, type Facts } from './facts.js';

export interface World {
  readonly seed: number;
  readonly facts: Facts;
}

/**
 * The world with this seed.
 *
 * @example
 * const world = createWorld(0);
 * world.facts.price.get('tea')?.truth; // a number from '1' to '9'
 */
export function createWorld(seed: number): World {
  return { seed, facts: drawFacts(seed) };
}
