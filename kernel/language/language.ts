import type { Source } from './sources.js';

/** What the protocol needs of a language. Positions are UTF-16 offsets into the cell's code. */

export interface Language {
  /** Does what the first cell would otherwise wait for, a second or two. */
  warmUp(): void;
  /** Checks and runs a cell; never rejects for what the cell does. */
  run(code: string, name: string): Promise<Outcome>;
  complete(code: string, position: number): Completion;
  /** Signature and documentation of what stands at the position, if anything is known. */
  inspect(code: string, position: number): Inspection | undefined;
  /** The source of a function, class or type that the user wrote: `name`, or `Class.member`. */
  source(name: string): Source | undefined;
  isComplete(code: string): Completeness;
  /**
   * Calls back into cells' code, in a task of its own, so that an interrupt stops it as it stops a cell. Settles as the action
   * does; actions start in the order of the calls.
   */
  call(action: () => unknown): Promise<void>;
  /** Stops the cell that waits for a promise or a timer; a synchronous loop is stopped by SIGINT itself. */
  interrupt(): void;
  /** A value thrown by user code, outside of `run`, as a cell's error would be shown. */
  describe(thrown: unknown): CellError;
  /** What the cells have declared so far and has a value. */
  variables(): readonly Variable[];
  /** Forgets all variables and declarations. */
  reset(): void;
}

export interface Variable {
  readonly name: string;
  /** As it was declared or inferred. */
  readonly type: string;
  readonly value: unknown;
}

export type Outcome =
  /** `milliseconds` is how long the code ran, its compilation not counted. */
  | { readonly kind: 'done'; readonly value: unknown; readonly milliseconds?: number }
  | { readonly kind: 'failed'; readonly error: CellError };

/** An error as Jupyter shows it. */
export interface CellError {
  readonly name: string;
  readonly message: string;
  /** Lines, with the cell's own line, column and source; may hold ANSI colours. */
  readonly traceback: readonly string[];
}

export interface Completion {
  readonly items: readonly CompletionItem[];
  /** What an item replaces. */
  readonly start: number;
  readonly end: number;
}

export interface CompletionItem {
  readonly text: string;
  /** `function`, `class`, `property`, `module`, `keyword` and so on. */
  readonly kind: string;
  /** Empty where a list is too long to say more than names. */
  readonly signature: string;
  readonly documentation: string;
  /** What is inserted, where that is more than `text`. */
  readonly insertText?: string;
}

/** The same, as text and as Markdown. */
export interface Inspection {
  readonly plain: string;
  readonly markdown: string;
}

export type Completeness =
  { readonly status: 'complete' | 'invalid' } | { readonly status: 'incomplete'; readonly indent: string };
