/**
 * What judges' completions have in common: a value is stated after a label, at best on a line of its own ("**Rating: 7**",
 * "{verdict}: A"), and a judge that states two different values has stated none.
 */
import { findThinkBlock } from '../prompts/thinkBlock.js';

/** A value as a completion states it. */
export interface StatedValue<Value> {
  readonly value: Value;
  readonly start: number;
  readonly end: number;
}

/** A judge's completion without what it weighed while thinking aloud: that is no statement. */
export function withoutThinking(completion: string): string {
  return completion.slice(findThinkBlock(completion)?.end ?? completion.length);
}

/** Patterns of the decoration before and after a stated value; bounded, so that no text takes more than linear time. */
export const opening = String.raw`[\s*_${'`'}"'{[(<]{0,12}`;
export const closing = String.raw`[\s*_${'`'}"'}\])>]{0,12}`;

const lineStart =
  /^[\s>#*_`"'{[(<•+-]{0,20}(?:\d[.)]\s{1,3})?[*_`"'{[(<]{0,8}(?:(?:my|overall|final|total)[\s_]{1,3}){0,2}$/i;

/** Looking no further back keeps the time linear where a line is endless. */
const longestStart = 60;

/** Whether a line has nothing but decoration before a place in it. */
export function beginsLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - longestStart), at);
  const start = before.lastIndexOf('\n') + 1;
  return (start > 0 || at <= longestStart) && lineStart.test(before.slice(start));
}

/** Whether a line has nothing but decoration and punctuation after a place in it. */
export function endsLine(text: string, at: number): boolean {
  return /^[^\S\n]{0,20}[*_`"'}\])>.,;!]{0,20}[^\S\n]{0,20}(?:\n|$|<\/)/.test(text.slice(at, at + 70));
}

/** The values stated, without repetitions, in the order in which they first come. */
export function distinctValues<Value>(stated: readonly StatedValue<Value>[]): StatedValue<Value>[] {
  const first = new Map<Value, StatedValue<Value>>();
  for (const one of stated) if (!first.has(one.value)) first.set(one.value, one);
  return [...first.values()];
}

/** '6 (line 2), 8 (line 4)', at most five of them. */
export function listValues<Value>(text: string, stated: readonly StatedValue<Value>[]): string {
  const shown = stated.slice(0, 5).map(({ value, start }) => `${String(value)} (line ${lineOf(text, start)})`);
  return `${shown.join(', ')}${stated.length > shown.length ? ` and ${stated.length - shown.length} more` : ''}`;
}

/** A completion without the lines' parts that state the value: the judge's own words. */
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
