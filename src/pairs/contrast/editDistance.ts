/** Levenshtein's distance in characters, which are Unicode code points. */
import { commonSuffixLength } from './affixes.js';
import { bandedDistance } from './bandedDistance.js';
import { commonBeginning, isLowSurrogate } from './characters.js';

/**
 * The least number of characters to insert, delete or replace, to make one text of the other.
 *
 * What both begin and end with is left aside first: of a minimal revision, most of the text.
 *
 * @example
 * editDistance('it is 4', 'it is 5'); // 1
 */
export function editDistance(a: string, b: string): number {
  const start = commonBeginning(a, b);
  const suffix = commonSuffixLength(a, b, start);
  // It may end within a character of two units: that half belongs to what differs.
  const end = suffix - (isLowSurrogate(a.charCodeAt(a.length - suffix)) ? 1 : 0);
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return hasPairs.test(from) || hasPairs.test(to) ? bandedDistance(...asUnits(from, to)) : bandedDistance(from, to);
}

const hasPairs = /[\ud800-\udbff][\udc00-\udfff]/;

/** What is compared are UTF-16 units; one unit for each distinct character makes an emoji one edit, not two. */
function asUnits(a: string, b: string): [string, string] {
  const units = new Map<string, string>();
  const unitOf = (character: string): string => {
    const unit = units.get(character) ?? String.fromCharCode(units.size);
    units.set(character, unit);
    return unit;
  };
  return [Array.from(a, unitOf).join(''), Array.from(b, unitOf).join('')];
}
