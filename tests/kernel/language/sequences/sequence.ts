/** What a sequence of cells gives. */
export interface Sequence {
  readonly name: string;
  readonly cells: readonly string[];
  /** The last cell's value, as `util.inspect` writes it. */
  readonly value?: string;
  /** The start of the last cell's error: its name and message. */
  readonly error?: string;
  /** What inspection shows of a name after the last cell. */
  readonly types?: Readonly<Record<string, string>>;
  /** The first Node that has what the cells use. */
  readonly fromNode?: number;
}

/** Sequences that end in a value: name, cells, value, and types by name. */
export const gives = (
  name: string,
  cells: readonly string[],
  value: string,
  types: Readonly<Record<string, string>> = {},
): Sequence => ({ name, cells, value, types });

/** Sequences whose last cell fails. */
export const fails = (name: string, cells: readonly string[], error: string): Sequence => ({ name, cells, error });
