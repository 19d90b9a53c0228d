/** Texts as sequences of characters (Unicode code points). JavaScript stores a code point above U+FFFF as two UTF-16 units. */
import { commonPrefixLength } from './affixes.js';

/** Whether a UTF-16 unit is the first half of a code point above U+FFFF. */
export const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
/** Whether a UTF-16 unit is the second half of a code point above U+FFFF. */
export const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** How many code points a text has; a lone surrogate counts as one, as in Python. */
export function charactersOf(text: string): number {
  let pairs = 0;
  for (let index = 1; index < text.length; index++) {
    if (isLowSurrogate(text.charCodeAt(index)) && isHighSurrogate(text.charCodeAt(index - 1))) pairs += 1;
  }
  return text.length - pairs;
}

/** Length of the common prefix in UTF-16 units, without half of a code point at its end. */
export function commonBeginning(a: string, b: string): number {
  const units = commonPrefixLength(a, b);
  const isCut = (text: string) => isLowSurrogate(text.charCodeAt(units));
  return isHighSurrogate(a.charCodeAt(units - 1)) && (isCut(a) || isCut(b)) ? units - 1 : units;
}
