/**
 * Values in judges' completions: a value is stated after a label, mostly on a line of its own ("**Rating: 7**",
 * "{verdict}: A"). A completion with two different values has no result.
 */
import { findThinkBlock } from '../thinking.js';

/** A value with the offsets of the text that states it. */
export interface StatedValue<Value> {
  readonly value: Value;
  readonly start: number;
  readonly end: number;
}

/** A judge's completion without its think block; '' if that block does not end. */
export function withoutThinking(completion: string): string {
  return completion.slice(findThinkBlock(completion)?.end ?? completion.length);
}

/** Pattern of the decoration before a stated value; bounded, so that the time is linear in the text. */
export const opening = String.raw`[\s*_${'`'}"'{[(<]{0,12}`;
/** Pattern of the decoration after a stated value; bounded as `opening` is. */
export const closing = String.raw`[\s*_${'`'}"'}\])>]{0,12}`;

const lineStart =
  /^[\s>#*_`"'{[(<•+-]{0,20}(?:\d[.)]\s{1,3})?[*_`"'{[(<]{0,8}(?:(?:my|overall|final|total)[\s_]{1,3}){0,2}$/i;

/** Characters. The limit keeps the time linear in the text if lines are very long. */
const longestStart = 60;

/** True if there is only decoration between the start of the line and an offset. */
export function beginsLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - longestStart), at);
  const start = before.lastIndexOf('\n') + 1;
  return (start > 0 || at <= longestStart) && lineStart.test(before.slice(start));
}

/** True if there is only decoration and punctuation between an offset and the end of the line. */
export function endsLine(text: string, at: number): boolean {
  return /^[^\S\n]{0,20}[*_`"'}\])>.,;!]{0,20}[^\S\n]{0,20}(?:\n|$|<\/)/.test(text.slice(at, at + 70));
}

/** The stated values without repetitions, in the order of their first occurrence. */
export function distinctValues<Value>(stated: readonly StatedValue<Value>[]): StatedValue<Value>[] {
  const first = new Map<Value, StatedValue<Value>>();
  for (const one of stated) if (!first.has(one.value)) first.set(one.value, one);
  return [...first.values()];
}

/** A list for messages, such as '6 (line 2), 8 (line 4)'; at most five values. */
export function listValues<Value>(text: string, stated: readonly StatedValue<Value>[]): string {
  const shown = stated.slice(0, 5).map(({ value, start }) => `${String(value)} (line ${lineOf(text, start)})`);
  return `${shown.join(', ')}${stated.length > shown.length ? ` and ${stated.length - shown.length} more` : ''}`;
}

/** The judge's own words: a completion without the lines that state the value. */
export function wordsAround<Value>(text: string, stated: readonly StatedValue<Value>[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of stated) {
    if (start < from) continue;
    pieces.push(text.slice(from, text.lastIndexOf('\n', start - 1) + 1));
    const next = text.indexOf('\n', end);
    from = next === -1 ? text.length : next + 1;
  }
  pieces.push(text.slice(from));
  return pieces
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .join('\n');
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
