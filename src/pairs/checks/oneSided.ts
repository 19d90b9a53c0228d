/** The check of marks that only one response of a pair has: a model learns them as the difference. */
import type { PreferencePair } from '../pair.js';
import { each, plural, type Check } from './check.js';

const thinking = /^\s*(?:<think(?:ing)?>|<thought>|\[THINK\])|<\/think>[^\S\n]*(?:\n|$)/;

const marks: readonly ((text: string) => boolean)[] = [
  (text) => /^\s/.test(text),
  (text) => /\s$/.test(text),
  (text) => thinking.test(text),
];

/** Finds pairs in which only one response has white space at an edge, or only one has thinking. */
export const oneSided: Pick<Check, 'start'> = each(
  ({ chosen, rejected }: PreferencePair) => marks.some((has) => has(chosen) !== has(rejected)),
  (count) =>
    `in ${plural(count, 'row', 'rows')} only one response has white space at its beginning or end, or thinking`,
);
