/**
 * The parts of a pair as HTML. It must be readable without style sheets and scripts, which untrusted notebooks and GitHub
 * remove: so deleted text is a `<del>`, added text an `<ins>`, and folded text a `<details>`.
 */
import { countOf } from '../../core/text.js';
import { escapeHtml } from '../../core/html.js';
import { messageText, type Message } from '../../core/message.js';
import { foldSegments, foldText, type Folding } from './fold.js';
import type { DiffSegment } from './pairDiff.js';

/** A difference as HTML, with its white space. */
export function diffHtml(segments: readonly DiffSegment[], folding: Folding): string {
  const { pieces, omitted } = foldSegments(segments, folding);
  const written = pieces.map(({ of, text, folded }) => {
    const marked = markedHtml(of, text);
    if (folded === 0) return marked;
    const what = `${countOf(folded, 'character')} ${of === 'both' ? 'alike' : `more of the ${of}`}`;
    return foldHtml(what, marked + omittedHtml(folded - text.length));
  });
  // Two texts without common words are shown as two paragraphs.
  const between = segments.some(({ of }) => of === 'both') ? '' : '\n';
  return `<div ${textAttributes}>${written.join(between)}${omittedHtml(omitted)}</div>`;
}

/** `dir="auto"` is for right-to-left text; the style is an attribute, which survives sanitising. */
const textAttributes = 'class="apolab-text" dir="auto" style="text-align: left; white-space: pre-wrap"';

const marks = { both: undefined, rejected: 'del', chosen: 'ins' } satisfies Record<
  DiffSegment['of'],
  string | undefined
>;

function markedHtml(of: DiffSegment['of'], text: string): string {
  const mark = marks[of];
  if (mark === undefined) return escapeHtml(text);
  return `<${mark}>${escapeHtml(/\S/.test(text) ? text : visible(text))}</${mark}>`;
}

/** A change of only white space would not be visible. */
const visible = (text: string) => text.replace(/\n/g, '\u21b5\n').replace(/\t/g, '\u21e5').replace(/ /g, '\u2423');

/** A text as HTML, folded after `shown` characters and cut after `most`. */
export function textHtml(text: string, shown: number, most: number): string {
  const { shown: head, folded, omitted } = foldText(text, shown, most);
  if (folded === '') return `<div ${textAttributes}>${escapeHtml(head)}${omittedHtml(omitted)}</div>`;
  const rest = foldHtml(countOf(folded.length + omitted, 'more character'), escapeHtml(folded) + omittedHtml(omitted));
  return `<div ${textAttributes}>${escapeHtml(head)}${rest}</div>`;
}

/** The messages before the prompt as a fold; the empty string if there are none. */
export function earlierHtml(conversation: readonly Message[] | undefined, most: number): string {
  const earlier = conversation?.slice(0, -1) ?? [];
  if (earlier.length === 0) return '';
  const messages = earlier.map(
    (message) => `<b>${escapeHtml(message.role)}</b>${textHtml(messageText(message), most, most)}`,
  );
  return foldHtml(countOf(earlier.length, 'earlier message'), messages.join(''));
}

function foldHtml(what: string, inside: string): string {
  return `<details><summary>\u22ef ${what}</summary>${inside}</details>`;
}

function omittedHtml(omitted: number): string {
  return omitted === 0 ? '' : ` <small>\u22ef ${countOf(omitted, 'more character')}, not written here</small>`;
}
