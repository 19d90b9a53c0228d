/** Long texts folded: what is alike far from a change, and what goes on for long, is put aside where it can be opened. */
import type { DiffSegment } from './pairDiff.js';
import { wordStart } from './words.js';

/** Lengths in characters. */
export interface Folding {
  /** What is shown of a shared stretch on each side of a change. */
  readonly context: number;
  /** What is shown of a change. */
  readonly change: number;
  /** What is shown in all. */
  readonly shown: number;
  /** What is written of a fold: a whole book would make the notebook as large. */
  readonly folded: number;
}

export interface Piece extends DiffSegment {
  /** How many characters are folded away here, of which `text` is the beginning; 0 where the text is shown. */
  readonly folded: number;
}

export interface Folded {
  readonly pieces: readonly Piece[];
  /** Characters that come after all that is shown. */
  readonly omitted: number;
}

/** Less than this isn't worth a fold. */
const shortestFold = 40;

/** The segments in pieces, of which some are folded: shared text far from a change, and the rest of a long change. */
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

/** Beginning, middle and end of a text, the middle to be folded; the text alone where it is short. */
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

/** A text that is no difference: what is shown of it, what is folded, and how many characters are not written. */
export function foldText(
  text: string,
  shown: number,
  most: number,
): { shown: string; folded: string; omitted: number } {
  const end = wordStart(text, most);
  const cut = end - shown < shortestFold ? end : wordStart(text, shown);
  return { shown: text.slice(0, cut), folded: text.slice(cut, end), omitted: text.length - end };
}
