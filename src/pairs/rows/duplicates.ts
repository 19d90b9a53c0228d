/** Finds repeated pairs by hashes: memory grows by a few bytes per pair, not by its text. */
import { createHash } from 'node:crypto';
import type { Message, PreferencePair } from '../pair.js';
import { stringifyJson } from '../formats/exactJson.js';

/** 53 bits of SHA-256 of some texts. Among a million different texts, a collision has a probability of 6e-5 (`n^2 / 2^54`). */
export function hashOf(...texts: readonly string[]): number {
  const hash = createHash('sha256');
  // The lengths distinguish ['a', 'bc'] from ['ab', 'c'].
  for (const text of texts) hash.update(`${text.length}:${text}`);
  const digest = hash.digest();
  return digest.readUInt32LE(0) + (digest.readUInt32LE(4) & 0x1fffff) * 2 ** 32;
}

/** A text that identifies the prompt of a pair, with the messages before it and the tools, if there are any. */
export function promptKey({
  prompt,
  conversation = [],
  tools,
}: Pick<PreferencePair, 'prompt' | 'conversation' | 'tools'>): string {
  const [first, ...others] = conversation;
  const isText =
    others.length === 0 &&
    (first === undefined || (Object.keys(first).length === 2 && typeof first.content === 'string')) &&
    tools === undefined;
  return isText ? prompt : stringifyJson(tools === undefined ? conversation : [conversation, tools]);
}

/** Texts that identify the responses of a pair, with all that their messages hold. */
export function responseKeys({ chosen, rejected, responseMessages }: PreferencePair): readonly [string, string] {
  return [responseKey(chosen, responseMessages?.chosen), responseKey(rejected, responseMessages?.rejected)];
}

/** A text that identifies a response: its text, or its messages if it has more than that. */
export function responseKey(text: string, messages: readonly Message[] | undefined): string {
  return messages === undefined ? text : stringifyJson(messages);
}

/** Returns a function that tells whether an earlier pair had the same prompt and responses. */
export function createDuplicateFinder(): (pair: PreferencePair) => boolean {
  const seen = new Set<number>();
  return (pair) => {
    const before = seen.size;
    return seen.add(hashOf(promptKey(pair), ...responseKeys(pair))).size === before;
  };
}

/**
 * Removes pairs that repeat the prompt and both responses of an earlier pair.
 *
 * @example
 * deduplicatePairs([...pairs, pairs[0]]).duplicates; // 1
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
