/**
 * Patterns: word sequences with typed slots, such as `{item} and {other} cost {sum}`.
 *
 * Prompts, steps and answers are all patterns, so writing and reading are one table used in two directions:
 * `fill(pattern, values)` writes, `match(pattern, words, ...)` reads, and each is the other's inverse.
 */
import { ApolabError } from '../../core/errors.js';
import { nouns, numbers, payments, places } from './vocabulary.js';

/** The slots and the words that may stand in them. */
const wordsOfSlot = {
  item: new Set(nouns),
  other: new Set(nouns),
  winner: new Set(nouns),
  payment: new Set(payments),
  itemPrice: new Set(numbers),
  otherPrice: new Set(numbers),
  sum: new Set(numbers),
  change: new Set(numbers),
  itemPlace: new Set(places),
  otherPlace: new Set(places),
} as const satisfies Record<string, ReadonlySet<string>>;

export type Slot = keyof typeof wordsOfSlot;
/** What stands in the slots so far. */
export type Values = Readonly<Partial<Record<Slot, string>>>;

/** The words that may stand in a slot: all nouns, all numbers or all places. */
export function slotWords(slot: Slot): ReadonlySet<string> {
  return wordsOfSlot[slot];
}

/** Writes a pattern with its slots filled; throws where a slot has no value. */
export function fill(pattern: string, values: Values): string {
  return splitWords(pattern)
    .map((token) => {
      const slot = asSlot(token);
      return slot === undefined ? token : valueOf(values, slot);
    })
    .join(' ');
}

/** The value of a slot; throws where it has none. */
export function valueOf(values: Values, slot: Slot): string {
  const value = values[slot];
  if (value === undefined)
    throw new ApolabError(`The slot {${slot}} has no value; the slots with one: ${filled(values)}.`);
  return value;
}

export interface Match {
  readonly values: Values;
  /** Index of the first word after the match. */
  readonly end: number;
}

/**
 * Reads a pattern from `words[start]` on. A slot that already has a value matches that word only.
 *
 * @example
 * match('price of {item} ?', ['price', 'of', 'tea', '?']); // { values: { item: 'tea' }, end: 4 }
 */
export function match(pattern: string, words: readonly string[], start = 0, known: Values = {}): Match | undefined {
  const values: Partial<Record<Slot, string>> = { ...known };
  let end = start;
  for (const token of splitWords(pattern)) {
    const word = words[end++];
    const slot = asSlot(token);
    if (word === undefined) return undefined;
    if (slot === undefined) {
      if (word !== token) return undefined;
    } else if (values[slot] === undefined && wordsOfSlot[slot].has(word)) {
      values[slot] = word;
    } else if (values[slot] !== word) {
      return undefined;
    }
  }
  return { values, end };
}

/** The words of a text; the empty text has none. */
export function splitWords(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** Texts joined by single spaces, empty ones left out. */
export function joinTexts(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}

function asSlot(token: string): Slot | undefined {
  return token.startsWith('{') ? (token.slice(1, -1) as Slot) : undefined;
}

function filled(values: Values): string {
  return Object.keys(values).join(', ') || 'none';
}
