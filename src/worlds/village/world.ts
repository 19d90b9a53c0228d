import { drawFacts, type Facts } from './facts.js';

/** A miniature world: the prices and places of a village, which follow from one seed. */
export interface World {
  readonly seed: number;
  readonly facts: Facts;
}

/**
 * The world with this seed.
 *
 * @example
 * const world = createWorld(0);
 * world.facts.price.get('tea')?.truth; // '7' (a number from '1' to '9')
 */
export function createWorld(seed: number): World {
  return { seed, facts: drawFacts(seed) };
}
