/** What a picture measures: only as much as nobody has to wait for. */
import type { PreferencePair } from '../pair.js';
import { contrastivenessOfPair, type PairContrastiveness } from './contrastiveness.js';

/** In products of two lengths, of which a core compares two to three thousand million a second. */
const mostCost = { pair: 4e8, set: 1e9 };
const mostSampled = 500;

const costOf = ({ chosen, rejected }: PreferencePair) => chosen.length * rejected.length;

/** A pair's measures; undefined of two books. */
export function measureShort(pair: PreferencePair): PairContrastiveness | undefined {
  return costOf(pair) > mostCost.pair ? undefined : contrastivenessOfPair(pair);
}

/** Pairs taken evenly from all: all of a few hundred, fewer the longer they are, and at most 500. */
export function sampleOf(pairs: readonly PreferencePair[]): PreferencePair[] {
  const cost = pairs.reduce((sum, pair) => sum + costOf(pair), 0);
  const size = Math.floor(Math.min(pairs.length, mostSampled, (pairs.length * mostCost.set) / Math.max(1, cost)));
  return Array.from({ length: size }, (_, index) => pairs[Math.floor((index * pairs.length) / size)]!);
}
