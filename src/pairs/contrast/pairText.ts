/** The parts of a pair as plain text: `[-deleted-]{+added+}`, as wdiff writes it. */
import { countOf } from '../../core/text.js';
import { foldSegments, foldText, type Folding } from './fold.js';
import type { DiffSegment } from './pairDiff.js';

const marks = {
  both: ['', ''],
  rejected: ['[-', '-]'],
  chosen: ['{+', '+}'],
} satisfies Record<DiffSegment['of'], readonly [string, string]>;

/**
 * A difference as text.
 *
 * @example
 * diffText(pairDiff({ chosen: 'it is 4', rejected: 'it is 5' })); // 'it is [-5-]{+4+}'
 */
export function diffText(segments: readonly DiffSegment[], folding: Folding = unfolded): string {
  const { pieces, omitted } = foldSegments(segments, folding);
  const written = pieces.map(({ of, text, folded }) => {
    const [open, close] = marks[of];
    return `${open}${folded > 0 ? ` ... ${countOf(folded, 'character')} ... ` : text}${close}`;
  });
  return written.join('') + omittedText(omitted);
}

const unfolded: Folding = { context: Infinity, change: Infinity, shown: Infinity, folded: 0 };

/** A text, cut after `most` characters. */
export function beginningOf(text: string, most: number): string {
  const { shown, omitted } = foldText(text, most, most);
  return shown + omittedText(omitted);
}

const omittedText = (omitted: number) => (omitted === 0 ? '' : ` ... ${countOf(omitted, 'more character')}`);

/** Paragraphs with their labels in a column at the left. */
export function paragraphs(parts: readonly (readonly [label: string, text: string])[]): string {
  const width = Math.max(...parts.map(([label]) => label.length)) + 2;
  return parts.map(([label, text]) => label.padEnd(width) + text.replaceAll('\n', `\n${' '.repeat(width)}`)).join('\n');
}
