/** Magics: commands to the kernel in a cell of TypeScript, after IPython's. */
import type { Display } from '../display/display.js';
import type { Language, Outcome, RunOptions } from '../language/language.js';

/** The names of all magics; each has a row in table.ts. */
export type MagicName =
  | 'html'
  | 'javascript'
  | 'js'
  | 'latex'
  | 'lsmagic'
  | 'markdown'
  | 'npm'
  | 'reset'
  | 'svg'
  | 'time'
  | 'typecheck'
  | 'who';

/** What magics work with. */
export interface MagicHost {
  readonly language: () => Language;
  readonly display: Display;
  /** Writes to the cell's output at once. */
  readonly print: (text: string) => void;
}

/** The host of one magic in one cell. */
export interface MagicCall extends MagicHost {
  /** The text behind the magic's name on its line. */
  readonly argument: string;
  /** The lines below a cell magic; empty for a line magic. */
  readonly body: string;
  /** Runs the magic's code: the body of a cell magic, the argument of a line magic. Errors show the cell's own lines. */
  readonly run: (options?: RunOptions) => Promise<Outcome>;
}

/** Does the magic's work; throws a MagicError if the call is wrong. */
export type MagicAction = (call: MagicCall) => Outcome | Promise<Outcome>;

/** A row of the table. */
export interface Magic {
  /** One line, without a capital letter or full stop; help adds both. */
  readonly summary: string;
  readonly usage: readonly string[];
  /** `%name argument`, on a line at the top of a cell. */
  readonly line?: MagicAction;
  /** `%%name argument` as a cell's first line, and the cell below it. */
  readonly cell?: MagicAction;
  /** The language of the text behind or below it; only TypeScript is completed. */
  readonly takes: 'typescript' | 'text' | 'nothing';
}

/** A wrong call of a magic; the message says what would be right. */
export class MagicError extends Error {
  override name = 'MagicError';
}

/** The outcome of a magic without a value. */
export const done: Outcome = { kind: 'done', value: undefined };
