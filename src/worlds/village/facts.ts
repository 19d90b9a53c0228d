/**
 * The facts of a world: 96 nouns, each with a price (1 to 9) and a place (one of 8), drawn from the world's seed.
 *
 * Every fact has one *myth*, a fixed wrong value that demonstrators use at a rate which grows with its share q, and a *weak* value,
 * the wrong value of the weaker models (the myth or a third value). Half of the prices and half of the places are *contested*, with
 * q between 0.25 and 0.75; for the others q is 0.03. 72 nouns are *covered*: preference prompts use only these, so the other 24 show
 * what training transfers to them, or damages.
 */
import { createRandom, type Random } from '../../core/random.js';
import { nouns, numbers, places } from './vocabulary.js';

/** One fact: the price or the place of a noun. */
export interface Fact {
  readonly truth: string;
  /** The wrong value that expert and novice may use. */
  readonly myth: string;
  /** The wrong value that the weaker models may use: the myth with probability 0.5, otherwise a third value. */
  readonly weak: string;
  /** q, from 0 to 1: how common the myth is. The demonstrators' error rates are multiples of it. */
  readonly mythShare: number;
  readonly contested: boolean;
}

/** What a fact is about. */
export type FactKind = 'price' | 'place';

/** All facts of a world, by noun. */
export interface Facts {
  readonly price: ReadonlyMap<string, Fact>;
  readonly place: ReadonlyMap<string, Fact>;
  /** The nouns that may occur in preference prompts. */
  readonly covered: ReadonlySet<string>;
}

const coveredNouns = 72;
const prices = numbers.slice(1, 10);
const uncontestedMythShare = 0.03;

/** The facts of the world with this seed. */
export function drawFacts(seed: number): Facts {
  const random = createRandom(seed, 'facts');
  return {
    price: drawKind(prices, random),
    place: drawKind(places, random),
    covered: new Set(random.shuffle(nouns).slice(0, coveredNouns)),
  };
}

/** One kind of fact for every noun, exactly half of them contested. */
function drawKind(values: readonly string[], random: Random): Map<string, Fact> {
  const contested = new Set(random.shuffle(nouns).slice(0, nouns.length / 2));
  return new Map(
    nouns.map((noun) => {
      const [truth, myth, third] = random.shuffle(values) as [string, string, string];
      const isContested = contested.has(noun);
      const fact: Fact = {
        truth,
        myth,
        weak: random.chance(0.5) ? myth : third,
        mythShare: isContested ? 0.25 + 0.5 * random.uniform() : uncontestedMythShare,
        contested: isContested,
      };
      return [noun, fact];
    }),
  );
}
