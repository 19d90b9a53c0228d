/** What a magic is: a command to the kernel in a cell of TypeScript, after IPython's. */
import type { Display } from '../display/display.js';
import type { Language, Outcome } from '../language/language.js';

/** What magics work with. */
export interface MagicHost {
  readonly language: () => Language;
  readonly display: Display;
  /** Writes to the cell's output at once. */
  readonly print: (text: string) => void;
}

/** The host of one magic in one cell. */
export interface MagicCall extends MagicHost {
  /** What stands behind the magic's name on its line. */
  readonly argument: string;
  /** The lines below a cell magic; empty for a line magic. */
  readonly body: string;
  /** Runs the magic's code: the body of a cell magic, the argument of a line magic. Errors point at the cell's own lines. */
  readonly run: () => Promise<Outcome>;
}

export type MagicAction = (call: MagicCall) => Outcome | Promise<Outcome>;

export interface Magic {
  /** One line. */
  readonly summary: string;
  readonly usage: readonly string[];
  /** `%name argument`, on a line at the top of a cell. */
  readonly line?: MagicAction;
  /** `%%name argument` as a cell's first line, and the cell below it. */
  readonly cell?: MagicAction;
  /** What the code is that stands behind or below it; nothing is completed where it isn't TypeScript. */
  readonly takes: 'typescript' | 'text' | 'nothing';
}

/** A magic that can't do what it is asked for; the message says what would be right. */
export class MagicError extends Error {
  override name = 'MagicError';
}

export const done: Outcome = { kind: 'done', value: undefined };
