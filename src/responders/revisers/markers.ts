/**
 * The markers of a revision in the forms that strong models use: `{teacher_reasoning}`, `**Corrected Student Solution:**`,
 * `## corrected_student_solution`, `<corrected_student_solution>` and the like.
 *
 * A marker is at the start of its line; inside a sentence the same words are a mention. Every pattern is bounded or reads
 * each character once, so that the time is linear in the text.
 */

import type { TextSpan } from '../prompts/textSpan.js';

/** The two parts of a revision. */
export type MarkerKind = 'reasoning' | 'solution';

/** A marker in a text. */
export interface Marker {
  readonly kind: MarkerKind;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset of the text that it marks. */
  readonly end: number;
  /** 1 for the first line of the text. */
  readonly line: number;
  /** It may be the beginning of a sentence (no colon, and more text on its line), or an item of a list or a quotation. */
  readonly weak: boolean;
  /** Brackets or emphasis that start before its words and do not end after them: `**` in `**Corrected Student Solution: It is 4.**`. */
  readonly unclosed: string;
}

const separator = String.raw`[ \t_\\-]{0,4}`;
const words: Record<MarkerKind, string> = {
  reasoning: `teacher(?:['’]s)?${separator}reasoning`,
  solution: `corrected${separator}student(?:['’]s)?${separator}solution`,
};

const phrases = Object.entries(words).map(
  ([kind, source]) => [kind as MarkerKind, new RegExp(`${source}(?![A-Za-z0-9])`, 'iy')] as const,
);

/** What may come before a marker on its line: white space, `>`, a bullet or a number, and the signs of a heading. */
const lead = /[^\S\n]*((?:>[^\S\n]*)*)(?:([-+*•])[^\S\n]+|\d{1,3}[.)][^\S\n]+)?(#{1,6}[^\S\n]*)?/y;
const emphasis = /\*{1,3}|_{1,3}|`{1,3}/y;
const inlineSpace = /[^\S\n]*/y;
const closerOf: Readonly<Record<string, string>> = {
  '{': '}',
  '[': ']',
  '(': ')',
  '<': '>',
  '"': '"',
  "'": "'",
  '“': '”',
  '‘': '’',
  '«': '»',
};
/** Around words without a colon these may as well be a quotation in a sentence. */
const quoting = new Set(['"', "'", '”', '’', '»', ')', '`']);
const mostOpeners = 8;

/**
 * The markers of a text, in order.
 *
 * @example
 * findMarkers('{teacher_reasoning}\nToo short.\n**Corrected Student Solution:** Yes.').map(({ kind, line }) => [kind, line]);
 * // [['reasoning', 1], ['solution', 3]]
 */
export function findMarkers(text: string, from = 0): Marker[] {
  const markers: Marker[] = [];
  let line = 1 + count(text, '\n', 0, from);
  const starts = new RegExp(`\\n|${closing('reasoning')}|${closing('solution')}`, 'gi');
  starts.lastIndex = from;
  for (let start: number | undefined = from; start !== undefined;) {
    const marker = readMarker(text, start, line);
    if (marker !== undefined) markers.push(marker);
    const next = starts.exec(text);
    if (next?.[0] === '\n') line += 1;
    start = next === null ? undefined : starts.lastIndex;
  }
  return markers;
}

/** All closing tags of a kind in a span: `</corrected_student_solution>`, `{/teacher_reasoning}`. */
export function closingTags(text: string, kind: MarkerKind, { start, end }: TextSpan): TextSpan[] {
  return Array.from(text.slice(start, end).matchAll(new RegExp(closing(kind), 'gi')), (match) => ({
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
}

/** The numbers of the lines that contain a kind's words, as a marker or not; 1 is the first line. */
export function mentions(text: string, kind: MarkerKind): number[] {
  const lines = new Set<number>();
  let [line, from] = [1, 0];
  for (const { index } of text.matchAll(new RegExp(words[kind], 'gi'))) {
    line += count(text, '\n', from, index);
    from = index;
    lines.add(line);
  }
  return [...lines];
}

function closing(kind: MarkerKind): string {
  return String.raw`[<{[]\/[ \t]{0,4}${words[kind]}[ \t]{0,4}[>}\]]`;
}

/** The marker at the start of a line (or after a closing tag); undefined if there is none. */
function readMarker(text: string, start: number, line: number): Marker | undefined {
  const led = matchAt(lead, text, start)!;
  const [isItem, isHeading] = [led[1] !== '' || led[2] !== undefined, led[3] !== undefined];
  let at = start + led[0].length;
  const closers: string[] = [];
  let tag = false;
  for (let opener = openerAt(text, at); opener !== ''; opener = openerAt(text, at)) {
    if (closers.length === mostOpeners) return undefined;
    closers.push(closerOf[opener] ?? opener);
    tag = opener === '<';
    at = skipSpace(text, at + opener.length);
  }
  const [kind, length] = phraseAt(text, at);
  if (kind === undefined) return undefined;
  at += length;
  const opened = closers.length;
  const quoted = closers.length > 0 && closers.every((closer) => quoting.has(closer));
  let colon = false;
  for (let closed = false; ;) {
    const next = skipSpace(text, at);
    const closer = closers.at(-1);
    if (closer !== undefined && text.startsWith(closer, next)) {
      closers.pop();
      closed = true;
      at = next + closer.length;
    } else if ((!colon || (closed && next === at)) && (text[next] === ':' || text[next] === '：')) {
      // One inside and one outside: `**Corrected Student Solution:**:`.
      colon = true;
      closed = false;
      at = next + 1;
    } else break;
  }
  const rest = skipSpace(text, isHeading ? skip(text, skipSpace(text, at), '#') : at);
  const alone = rest >= text.length || text[rest] === '\n';
  const wrapped = opened > 0 && closers.length === 0 && !quoted;
  if (!colon && !alone && !wrapped) return undefined;
  const bare = opened === 0 && !isHeading && !colon;
  const weak = !tag && ((!alone && (!colon || isItem)) || bare);
  return { kind, start, end: alone ? rest : at, line, weak, unclosed: closers.reverse().join('') };
}

function openerAt(text: string, at: number): string {
  const character = text[at] ?? '';
  return character in closerOf ? character : (matchAt(emphasis, text, at)?.[0] ?? '');
}

function phraseAt(text: string, at: number): [MarkerKind, number] | [undefined, 0] {
  for (const [kind, phrase] of phrases) {
    const match = matchAt(phrase, text, at);
    if (match !== null) return [kind, match[0].length];
  }
  return [undefined, 0];
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function skipSpace(text: string, at: number): number {
  return at + matchAt(inlineSpace, text, at)![0].length;
}

function skip(text: string, at: number, character: string): number {
  let end = at;
  while (text[end] === character) end += 1;
  return end;
}

function count(text: string, character: string, start: number, end: number): number {
  let found = 0;
  for (let at = text.indexOf(character, start); at !== -1 && at < end; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}
