/** Texts by their characters, Unicode's code points; JavaScript's own units are two of them beyond U+FFFF. */
import { commonPrefixLength } from './affixes.js';

export const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
export const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** How many characters a text has; half of a pair that stands alone is one, as in Python. */
export function charactersOf(text: string): number {
  let pairs = 0;
  for (let index = 1; index < text.length; index++) {
    if (isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))) pairs += 1;
  }
  return text.length - pairs;
}

/** How many UTF-16 units both texts begin with, no character cut in two. */
export function commonBeginning(a: string, b: string): number {
  const units = commonPrefixLength(a, b);
  const isCut = (text: string) => isLowSurrogate(text.charCodeAt(units));
  return isHighSurrogate(a.charCodeAt(units - 1)) && (isCut(a) || isCut(b)) ? units - 1 : units;
}
