/** A language for cells, as the rooms above use it. Positions are UTF-16 offsets into the cell's code. */
export interface Language {
  /** Loads what the first cell needs, which takes a second or two. */
  warmUp(): void;
  /** Checks and runs a cell; an error of the cell is in the outcome. */
  run(code: string, name: string, options?: RunOptions): Promise<Outcome>;
  /** Chooses whether the types of later cells are checked; syntax always is. */
  checkTypes(isOn: boolean): void;
  complete(code: string, position: number): Completion;
  /** Signature and documentation of the name at the position, if there are any. */
  inspect(code: string, position: number): Inspection | undefined;
  /** The source of a function, class or type that the user wrote: `name`, or `Class.member`. */
  source(name: string): Source | undefined;
  isComplete(code: string): Completeness;
  /**
   * Calls a callback of a cell, in its own task, so that an interrupt stops it as it stops a cell. Settles as the action does;
   * actions start in the order of the calls.
   */
  call(action: () => unknown): Promise<void>;
  /** Stops the cell if it waits for a promise or a timer; a synchronous loop is stopped by SIGINT itself. */
  interrupt(): void;
  /** The error of a value that user code has thrown outside `run`. */
  describe(thrown: unknown): CellError;
  /** The variables that cells have declared. */
  variables(): readonly Variable[];
  /** Forgets all variables and declarations. */
  reset(): void;
}

/** A piece of the user's code. */
export interface Source {
  /** The cell's name or the file's path. */
  readonly place: string;
  /** The code, with the documentation comment before it. */
  readonly text: string;
}

/** How a cell is run. */
export interface RunOptions {
  /** Runs it as JavaScript, whose types are not checked. */
  readonly isJavaScript?: boolean;
}

/** A variable of the cells. */
export interface Variable {
  readonly name: string;
  /** The declared or inferred type. */
  readonly type: string;
  readonly value: unknown;
}

/** How a cell ended. */
export type Outcome =
  /** `milliseconds` is how long the code ran, without its compilation. */
  | { readonly kind: 'done'; readonly value: unknown; readonly milliseconds?: number }
  | { readonly kind: 'failed'; readonly error: CellError };

/** An error as Jupyter shows it. */
export interface CellError {
  readonly name: string;
  readonly message: string;
  /** Lines, with the cell's own line, column and source; may hold ANSI colours. */
  readonly traceback: readonly string[];
}

/** Completions; each item replaces the code from `start` to `end`. */
export interface Completion {
  readonly items: readonly CompletionItem[];
  readonly start: number;
  readonly end: number;
}

/** One proposal. */
export interface CompletionItem {
  readonly text: string;
  /** `function`, `class`, `property`, `module`, `keyword` and so on. */
  readonly kind: string;
  /** Empty in the rest of a long list. */
  readonly signature: string;
  readonly documentation: string;
  /** What is inserted, if it is not `text`. */
  readonly insertText?: string;
}

/** Help on a name, once as text and once as Markdown. */
export interface Inspection {
  readonly plain: string;
  readonly markdown: string;
}

/** Whether code can run; `indent` is for the next line. */
export type Completeness =
  { readonly status: 'complete' | 'invalid' } | { readonly status: 'incomplete'; readonly indent: string };
