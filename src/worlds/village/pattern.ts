/**
 * Patterns: word sequences with typed slots, such as `{item} and {other} cost {sum}`.
 *
 * Prompts, steps and answers are patterns: `fill(pattern, values)` writes one, and its inverse, `match(pattern, words, ...)`, reads
 * one.
 */
import { ApolabError } from '../../core/errors.js';
import { nouns, numbers, payments, places } from './vocabulary.js';

/** The slots, each with its words. */
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

/** The name of a slot. */
export type Slot = keyof typeof wordsOfSlot;
/** The words in the slots that are filled. */
export type Values = Readonly<Partial<Record<Slot, string>>>;

/** The words that can fill a slot: all nouns, all numbers, all payments or all places. */
export function slotWords(slot: Slot): ReadonlySet<string> {
  return wordsOfSlot[slot];
}

/**
 * The text of a pattern.
 *
 * @throws ApolabError if one of its slots has no value.
 * @example
 * fill('price of {item} ?', { item: 'tea' }); // 'price of tea ?'
 */
export function fill(pattern: string, values: Values): string {
  return splitWords(pattern)
    .map((token) => {
      const slot = asSlot(token);
      return slot === undefined ? token : valueOf(values, slot);
    })
    .join(' ');
}

/**
 * The word in a slot.
 *
 * @throws ApolabError if the slot has no value.
 */
export function valueOf(values: Values, slot: Slot): string {
  const value = values[slot];
  if (value === undefined)
    throw new ApolabError(`The slot {${slot}} has no value; the slots with one: ${filled(values)}.`);
  return value;
}

/** A pattern that was found in a text. */
export interface Match {
  readonly values: Values;
  /** Index of the first word after the match. */
  readonly end: number;
}

/**
 * Reads a pattern that begins at `words[start]`; undefined if the words do not match. A slot that already has a value matches only
 * that word.
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
