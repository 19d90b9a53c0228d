/** The word-level difference of a pair's responses. */
import { diffArrays } from 'diff/lib/diff/array.js';
import type { PreferencePair } from '../pair.js';
import { commonPrefixLength, commonSuffixLength } from './affixes.js';
import { wordEnd, wordsOf, wordStart } from './words.js';

/** A piece of text that both responses have, or only one of them. */
export interface DiffSegment {
  readonly of: 'both' | 'rejected' | 'chosen';
  readonly text: string;
}

/** A change, and the common text before it. */
interface Change {
  readonly before: string;
  readonly rejected: string;
  readonly chosen: string;
}

/**
 * If more words than this change, everything between the common prefix and suffix counts as changed: a person could not
 * follow a finer difference, and the search takes time with the square of the number of edits.
 */
const mostEdits = 400;

/** Common text up to this length (a comma, `of the`) between longer changes is joined with them. */
const longestScrap = 12;

/**
 * The word-level difference of the two responses, in reading order; the words of the rejected response come before those of
 * the chosen one. The segments of `both` and `rejected` joined are the rejected response, those of `both` and `chosen` the
 * chosen one.
 *
 * Words follow Unicode's rules. White space and short common text between changes is joined with them, so that a rewritten
 * sentence is one change.
 *
 * Source: Myers, "An O(ND) difference algorithm and its variations" (1986), by the package `diff`.
 *
 * @example
 * pairDiff({ chosen: 'it is 4', rejected: 'it is 5' });
 * // [{ of: 'both', text: 'it is ' }, { of: 'rejected', text: '5' }, { of: 'chosen', text: '4' }]
 */
export function pairDiff({ chosen, rejected }: Pick<PreferencePair, 'chosen' | 'rejected'>): readonly DiffSegment[] {
  const prefix = commonPrefixLength(rejected, chosen);
  const start = Math.min(wordStart(rejected, prefix), wordStart(chosen, prefix));
  const end = wordEnd(rejected, rejected.length - commonSuffixLength(rejected, chosen, prefix));
  const suffix = rejected.length - Math.max(start, end);
  const removed = wordsOf(rejected.slice(start, rejected.length - suffix));
  const added = wordsOf(chosen.slice(start, chosen.length - suffix));
  const found = diffArrays(removed, added, { maxEditLength: mostEdits }) ?? [
    { value: removed, removed: true },
    { value: added, added: true },
  ];
  const steps: DiffSegment[] = [
    { of: 'both', text: rejected.slice(0, start) },
    ...found.map((step): DiffSegment => {
      const of = step.removed ? 'rejected' : step.added ? 'chosen' : 'both';
      return { of, text: step.value.join('') };
    }),
    { of: 'both', text: rejected.slice(rejected.length - suffix) },
  ];
  return withoutScraps(changesOf(steps))
    .flatMap(({ before, rejected: lost, chosen: gained }): DiffSegment[] => [
      { of: 'both', text: before },
      { of: 'rejected', text: lost },
      { of: 'chosen', text: gained },
    ])
    .filter(({ text }) => text !== '');
}

/** Each change with the common text before it; the last one is empty if both responses end alike. */
function changesOf(steps: readonly DiffSegment[]): Change[] {
  const changes: Change[] = [];
  let change = { before: '', rejected: '', chosen: '' };
  for (const { of, text } of steps) {
    if (of !== 'both') change[of] += text;
    else if (change.rejected === '' && change.chosen === '') change.before += text;
    else if (text !== '') {
      changes.push(change);
      change = { before: text, rejected: '', chosen: '' };
    }
  }
  return [...changes, change];
}

/** Joins changes that only white space or a short common text separates, if the changes on both sides are longer. */
function withoutScraps(changes: readonly Change[]): Change[] {
  const kept: Change[] = [];
  for (let change of changes) {
    for (let last = kept.at(-1); last !== undefined && isScrap(last, change); last = kept.at(-1)) {
      change = {
        before: last.before,
        rejected: last.rejected + change.before + change.rejected,
        chosen: last.chosen + change.before + change.chosen,
      };
      kept.pop();
    }
    kept.push(change);
  }
  return kept;
}

function isScrap(last: Change, change: Change): boolean {
  const shared = change.before.trim().length;
  const [left, right] = [sizeOf(last), sizeOf(change)];
  if (left === 0 || right === 0) return false;
  return shared === 0 ? !change.before.includes('\n\n') : shared <= Math.min(longestScrap, left - 1, right - 1);
}

const sizeOf = ({ rejected, chosen }: Change) => Math.max(rejected.length, chosen.length);
