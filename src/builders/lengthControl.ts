/** Length control: pairs with responses of very different lengths mainly teach the policy a length. */
import { ApolabError } from '../core/errors.js';
import type { PreferencePair } from '../pairs/pair.js';

/** Limits on the lengths of a pair's responses; no limit without them. */
export interface LengthLimits {
  /** Most characters of the longer response, as a multiple of the shorter one's; at least 1. */
  readonly maxRatio?: number;
  /** Most words of each response, split at white space. */
  readonly maxWords?: number;
  /** Most characters of each response, for languages without spaces. */
  readonly maxCharacters?: number;
}

/**
 * Why a pair is outside the limits, with both lengths; undefined if it is inside. Characters are Unicode code points.
 *
 * @throws ApolabError if a limit is not a number of at least 1
 * @example
 * lengthReason({ chosen: 'It is 4, as anybody knows.', rejected: 'It is 5.' }, { maxRatio: 2 });
 * // 'the chosen response has 26 characters, the rejected one 8: 3.25 times as many, and 2 are allowed'
 */
export function lengthReason(
  { chosen, rejected }: Pick<PreferencePair, 'chosen' | 'rejected'>,
  limits: LengthLimits,
): string | undefined {
  for (const [name, limit] of Object.entries(limits) as [keyof LengthLimits, number | undefined][]) {
    if (limit === undefined || limit >= 1) continue;
    throw new ApolabError(`${name} must be a number of at least 1; given: ${limit}.`);
  }
  const { maxRatio = Infinity, maxWords = Infinity, maxCharacters = Infinity } = limits;
  const characters = [countCharacters(chosen), countCharacters(rejected)] as const;
  const words = [countWords(chosen), countWords(rejected)] as const;
  const ratio = Math.max(...characters) / Math.min(...characters);
  // For two empty responses the ratio is NaN, which is not larger than any limit.
  if (ratio > maxRatio) {
    return `${described(characters, 'character')}: ${roundUp(ratio)} times as many, and ${maxRatio} are allowed`;
  }
  if (Math.max(...words) > maxWords) return `${described(words, 'word')}: at most ${maxWords} are allowed`;
  if (Math.max(...characters) > maxCharacters) {
    return `${described(characters, 'character')}: at most ${maxCharacters} are allowed`;
  }
  return undefined;
}

function described([chosen, rejected]: readonly [number, number], unit: string): string {
  return `the chosen response has ${chosen} ${unit}${chosen === 1 ? '' : 's'}, the rejected one ${rejected}`;
}

/** Two decimals, rounded up, so that a ratio slightly above the limit is not shown as the limit. */
function roundUp(ratio: number): number {
  return Math.ceil(ratio * 100) / 100;
}

function countCharacters(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
