/** Changes to a text, with the way back from a changed position to the original one. Changes keep the text's lines. */
import type { Position } from '../positions.js';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text after its changes. */
export interface Edited {
  readonly text: string;
  /** The position in the original text. */
  readonly original: (position: Position) => Position;
}

/**
 * Collects changes by offsets into the original text.
 *
 * @example
 * const edits = new Edits('f(x)');
 * edits.before(2, 'names.');
 * edits.apply().text; // 'f(names.x)'
 */
export class Edits {
  readonly #edits: Edit[] = [];
  readonly #closing = new Map<number, string>();
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  /** Inserts before what starts at `offset`; of two such texts the first one stays in front. */
  before(offset: number, text: string): void {
    this.#edits.push({ start: offset, end: offset, text });
  }

  /** Inserts behind what ends at `offset`; of two such texts the second one comes first, as brackets close. */
  after(offset: number, text: string): void {
    this.#closing.set(offset, text + (this.#closing.get(offset) ?? ''));
  }

  /** Replaces the text from `start` to `end`. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  /** The text with all changes. */
  apply(): Edited {
    const closing = [...this.#closing].map(([offset, text]): Edit => ({ start: offset, end: offset, text }));
    // Sorting is stable: closing texts are put in front of what starts at the same offset.
    const sorted = [...closing, ...this.#edits].sort((a, b) => a.start - b.start);
    const source = this.#source;
    const pieces: string[] = [];
    const kept: Piece[] = [{ changed: 0, original: 0, isNew: false }];
    let length = 0;
    let position = 0;
    const add = (text: string) => {
      pieces.push(text);
      length += text.length;
    };
    for (const { start, end, text } of sorted) {
      if (start > position) add(source.slice(position, start));
      kept.push({ changed: length, original: start, isNew: true });
      add(text);
      position = Math.max(position, end);
      kept.push({ changed: length, original: position, isNew: false });
    }
    add(source.slice(position));
    const text = pieces.join('');
    return { text, original: positionMap(source, text, kept) };
  }
}

/** A piece of the changed text: where it starts there, and in the original. */
interface Piece {
  readonly changed: number;
  readonly original: number;
  /** Whether it was inserted: then all of it is at one place of the original. */
  readonly isNew: boolean;
}

function positionMap(source: string, text: string, kept: readonly Piece[]): Edited['original'] {
  let lines: { readonly source: readonly number[]; readonly text: readonly number[] } | undefined;
  return ({ line, column }) => {
    // Most cells never throw: the starts of lines are computed when they are first needed.
    lines ??= { source: lineStarts(source), text: lineStarts(text) };
    const changed = (lines.text[line] ?? text.length) + column;
    const piece = kept[lastAtMost(kept, changed, (each) => each.changed)]!;
    const offset = Math.min(piece.original + (piece.isNew ? 0 : changed - piece.changed), source.length);
    const at = lastAtMost(lines.source, offset, (start) => start);
    return { line: at, column: offset - lines.source[at]! };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The last index whose value is at most `limit`; the values ascend, and the first one is at most `limit`. */
function lastAtMost<T>(items: readonly T[], limit: number, valueOf: (item: T) => number): number {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (valueOf(items[middle]!) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
