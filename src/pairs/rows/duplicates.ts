/** Pairs that came before, found by hashes, so that memory grows by some bytes a pair and not by its text. */
import { createHash } from 'node:crypto';
import type { PreferencePair } from '../pair.js';

/**
 * 53 bits of SHA-256 over some texts. Among a million different texts two share them with a probability of 6e-5
 * (`n^2 / 2^54`).
 */
export function hashOf(...texts: readonly string[]): number {
  const hash = createHash('sha256');
  // Lengths keep ['a', 'bc'] and ['ab', 'c'] apart.
  for (const text of texts) hash.update(`${text.length}:${text}`);
  const digest = hash.digest();
  return digest.readUInt32LE(0) + (digest.readUInt32LE(4) & 0x1fffff) * 2 ** 32;
}

/** The prompt as it counts for comparisons: with the messages before it, where there are any. */
export function promptKey({ prompt, conversation }: PreferencePair): string {
  return conversation === undefined || conversation.length === 1 ? prompt : JSON.stringify(conversation);
}

/** Says of each pair whether its prompt and both its responses came before. */
export function createDuplicateFinder(): (pair: PreferencePair) => boolean {
  const seen = new Set<number>();
  return (pair) => {
    const before = seen.size;
    return seen.add(hashOf(promptKey(pair), pair.chosen, pair.rejected)).size === before;
  };
}

/**
 * The pairs without those whose prompt and both responses came before; the first of each stays.
 *
 * @example
 * const { pairs, duplicates } = deduplicatePairs(all);
 */
export function deduplicatePairs(pairs: Iterable<PreferencePair>): {
  readonly pairs: PreferencePair[];
  readonly duplicates: number;
} {
  const isDuplicate = createDuplicateFinder();
  const kept: PreferencePair[] = [];
  let duplicates = 0;
  for (const pair of pairs) {
    if (isDuplicate(pair)) duplicates += 1;
    else kept.push(pair);
  }
  return { pairs: kept, duplicates };
}
