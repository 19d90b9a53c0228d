import { describe, expect, it } from 'vitest';
import { createWorld, nouns, places } from '../../../src/worlds/village/index.js';
import { mean, share } from './samples.js';

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const kinds = ['price', 'place'] as const;

describe('the facts of a world', () => {
  it('give each of the 96 nouns a price from 1 to 9 and one of 8 places', () => {
    const { facts } = createWorld(0);
    expect(nouns).toHaveLength(96);
    expect(places).toHaveLength(8);
    for (const noun of nouns) {
      expect(facts.price.get(noun)?.truth).toMatch(/^[1-9]$/);
      expect(places).toContain(facts.place.get(noun)?.truth);
    }
  });

  it('are wrong in the myth and in the weak value, which is the myth for half of the facts', () => {
    const facts = seeds.flatMap((seed) => kinds.flatMap((kind) => [...createWorld(seed).facts[kind].values()]));
    expect(facts).toHaveLength(20 * 192);
    expect(facts.filter((fact) => fact.myth === fact.truth || fact.weak === fact.truth)).toEqual([]);
    expect(Math.abs(share(facts, (fact) => fact.weak === fact.myth) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 3840));
  });

  it('are contested for exactly half of each kind, with myth shares between a quarter and three quarters', () => {
    for (const kind of kinds) {
      const facts = seeds.flatMap((seed) => [...createWorld(seed).facts[kind].values()]);
      const contested = facts.filter((fact) => fact.contested);
      expect(contested).toHaveLength(20 * 48);
      expect(Math.min(...contested.map((fact) => fact.mythShare))).toBeGreaterThanOrEqual(0.25);
      expect(Math.max(...contested.map((fact) => fact.mythShare))).toBeLessThan(0.75);
      expect(mean(contested.map((fact) => fact.mythShare))).toBeCloseTo(0.5, 1);
      expect(facts.filter((fact) => !fact.contested && fact.mythShare !== 0.03)).toEqual([]);
    }
  });

  it('cover 72 nouns', () => {
    expect(seeds.map((seed) => createWorld(seed).facts.covered.size)).toEqual(seeds.map(() => 72));
  });

  it('follow from the seed alone', () => {
    expect(createWorld(3)).toEqual(createWorld(3));
    expect(createWorld(3).facts).not.toEqual(createWorld(4).facts);
  });
});
