/** Measures for displays: only as much as is computed without a noticeable wait. */
import type { PreferencePair } from '../pair.js';
import { contrastivenessOfPair, type PairContrastiveness } from './contrastiveness.js';

/** Limits on the product of both lengths, in characters squared; one core compares 2e9 to 3e9 per second. */
const mostCost = { pair: 4e8, set: 1e9 };
const mostSampled = 500;

const costOf = ({ chosen, rejected }: PreferencePair) => chosen.length * rejected.length;

/** A pair's measures; undefined if its responses are too long to be compared at once. */
export function measureIfShort(pair: PreferencePair): PairContrastiveness | undefined {
  return costOf(pair) > mostCost.pair ? undefined : contrastivenessOfPair(pair);
}

/** A sample of at most 500 pairs at equal distances, smaller if the pairs are long. */
export function sampleOf(pairs: readonly PreferencePair[]): PreferencePair[] {
  const cost = pairs.reduce((sum, pair) => sum + costOf(pair), 0);
  const size = Math.floor(Math.min(pairs.length, mostSampled, (pairs.length * mostCost.set) / Math.max(1, cost)));
  return Array.from({ length: size }, (_, index) => pairs[Math.floor((index * pairs.length) / size)]!);
}
