/** The Levenshtein distance in characters (Unicode code points). */
import { commonSuffixLength } from './affixes.js';
import { bandedDistance } from './bandedDistance.js';
import { commonBeginning, isLowSurrogate } from './characters.js';

/**
 * The Levenshtein distance: the least number of insertions, deletions and replacements of characters that turn one text into
 * the other. The common prefix and suffix are removed first; in a minimal revision they are most of the text.
 *
 * @example
 * editDistance('it is 4', 'it is 5'); // 1
 */
export function editDistance(a: string, b: string): number {
  const start = commonBeginning(a, b);
  const suffix = commonSuffixLength(a, b, start);
  // The suffix may begin inside a code point of two units: that half belongs to the difference.
  const end = suffix - (isLowSurrogate(a.charCodeAt(a.length - suffix)) ? 1 : 0);
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return hasPairs.test(from) || hasPairs.test(to) ? bandedDistance(...asUnits(from, to)) : bandedDistance(from, to);
}

const hasPairs = /[\ud800-\udbff][\udc00-\udfff]/;

/** Maps each distinct code point to one UTF-16 unit, so that an emoji counts as one edit, not two. */
function asUnits(a: string, b: string): [string, string] {
  const units = new Map<string, string>();
  const unitOf = (character: string): string => {
    const unit = units.get(character) ?? String.fromCharCode(units.size);
    units.set(character, unit);
    return unit;
  };
  return [Array.from(a, unitOf).join(''), Array.from(b, unitOf).join('')];
}
