/**
 * The parts of a pair as HTML. It has to be read also where a front end drops style sheets and scripts (an untrusted notebook,
 * a page of GitHub's): so what was deleted is a `<del>`, what was added an `<ins>`, and what is folded a `<details>`.
 */
import { escapeHtml } from '../../core/html.js';
import type { Message } from '../pair.js';
import { foldSegments, foldText, type Folding } from './fold.js';
import type { DiffSegment } from './pairDiff.js';

/** The difference, its white space kept. */
export function diffHtml(segments: readonly DiffSegment[], folding: Folding): string {
  const { pieces, omitted } = foldSegments(segments, folding);
  const written = pieces.map(({ of, text, folded }) => {
    const marked = markedHtml(of, text);
    if (folded === 0) return marked;
    const what = `${count(folded, 'character')} ${of === 'both' ? 'alike' : `more of the ${of}`}`;
    return foldHtml(what, marked + omittedHtml(folded - text.length));
  });
  // Two texts that share nothing are two paragraphs.
  const between = segments.some(({ of }) => of === 'both') ? '' : '\n';
  return `<div ${textAttributes}>${written.join(between)}${omittedHtml(omitted)}</div>`;
}

/** `dir="auto"` lets a text from right to left run so; the style is in the element, where sanitised pages leave it. */
const textAttributes = 'class="apolab-text" dir="auto" style="text-align: left; white-space: pre-wrap"';

const marks = { both: undefined, rejected: 'del', chosen: 'ins' } satisfies Record<
  DiffSegment['of'],
  string | undefined
>;

function markedHtml(of: DiffSegment['of'], text: string): string {
  const mark = marks[of];
  if (mark === undefined) return escapeHtml(text);
  return `<${mark}>${escapeHtml(/\S/.test(text) ? text : seen(text))}</${mark}>`;
}

/** White space alone would be an empty mark. */
const seen = (text: string) => text.replace(/\n/g, '\u21b5\n').replace(/\t/g, '\u21e5').replace(/ /g, '\u2423');

/** A text that may be long. */
export function textHtml(text: string, shown: number, most: number): string {
  const { shown: head, folded, omitted } = foldText(text, shown, most);
  if (folded === '') return `<div ${textAttributes}>${escapeHtml(head)}${omittedHtml(omitted)}</div>`;
  const rest = foldHtml(count(folded.length + omitted, 'more character'), escapeHtml(folded) + omittedHtml(omitted));
  return `<div ${textAttributes}>${escapeHtml(head)}${rest}</div>`;
}

/** The messages before the last, folded: the last is the prompt. */
export function earlierHtml(conversation: readonly Message[] | undefined, most: number): string {
  const earlier = conversation?.slice(0, -1) ?? [];
  if (earlier.length === 0) return '';
  const messages = earlier.map(({ role, content }) => `<b>${escapeHtml(role)}</b>${textHtml(content, most, most)}`);
  return foldHtml(count(earlier.length, 'earlier message'), messages.join(''));
}

function foldHtml(what: string, inside: string): string {
  return `<details><summary>\u22ef ${what}</summary>${inside}</details>`;
}

function omittedHtml(omitted: number): string {
  return omitted === 0 ? '' : ` <small>\u22ef ${count(omitted, 'more character')}, not written here</small>`;
}

/** `1 character`, `2,300 characters`. */
export function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;
}
