/** Folds long texts: unchanged text far from a change, and the rest of a long change. */
import type { DiffSegment } from './pairDiff.js';
import { wordStart } from './words.js';

/** Limits, in characters. */
export interface Folding {
  /** How much unchanged text is shown on each side of a change. */
  readonly context: number;
  /** How much of a change is shown. */
  readonly change: number;
  /** How much is shown in total. */
  readonly shown: number;
  /** How much a fold contains; longer text is omitted, so that a notebook stays small. */
  readonly folded: number;
}

/** A piece of a difference, shown or folded. */
export interface Piece extends DiffSegment {
  /** 0 if `text` is shown; otherwise the number of characters that are folded, and `text` is their beginning. */
  readonly folded: number;
}

/** A difference in pieces. */
export interface Folded {
  readonly pieces: readonly Piece[];
  /** How many characters after the last piece are not written. */
  readonly omitted: number;
}

/** Shorter texts are not folded. */
const shortestFold = 40;

/** Cuts segments into pieces, and folds unchanged text far from a change and the rest of a long change. */
export function foldSegments(segments: readonly DiffSegment[], { context, change, shown, folded }: Folding): Folded {
  const pieces: Piece[] = [];
  let left = shown;
  let omitted = 0;
  for (const { of, text } of segments) {
    for (const stretch of stretchesOf(text, of === 'both' ? [context, context] : [change, 0])) {
      if (left <= 0) omitted += stretch.text.length;
      else if (stretch.isFold) {
        pieces.push({ of, text: stretch.text.slice(0, wordStart(stretch.text, folded)), folded: stretch.text.length });
      } else {
        const written = stretch.text.slice(0, wordStart(stretch.text, left));
        pieces.push({ of, text: written, folded: 0 });
        omitted += stretch.text.length - written.length;
        left -= stretch.text.length;
      }
    }
  }
  return { pieces, omitted };
}

/** Cuts a text into beginning, middle and end, with the middle to be folded; a short text stays whole. */
function stretchesOf(text: string, [head, tail]: readonly [number, number]): { text: string; isFold: boolean }[] {
  const start = wordStart(text, head);
  const end = tail === 0 ? text.length : wordStart(text, Math.max(start, text.length - tail));
  if (end - start < shortestFold) return [{ text, isFold: false }];
  return [
    { text: text.slice(0, start), isFold: false },
    { text: text.slice(start, end), isFold: true },
    { text: text.slice(end), isFold: false },
  ].filter((stretch) => stretch.text !== '');
}

/** Folds a plain text: the part that is shown, the part that is folded, and the number of characters not written. */
export function foldText(
  text: string,
  shown: number,
  most: number,
): { shown: string; folded: string; omitted: number } {
  const end = wordStart(text, most);
  const cut = end - shown < shortestFold ? end : wordStart(text, shown);
  return { shown: text.slice(0, cut), folded: text.slice(cut, end), omitted: text.length - end };
}
