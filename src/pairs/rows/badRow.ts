/** The error of a row that cannot be used. It is thrown while a row is parsed or written, and caught inside this room. */
export class BadRow extends Error {
  /** @param column the faulty column, if the fault is in one column */
  constructor(
    readonly column: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** Why a row cannot be used. */
export interface Skipped {
  readonly kind: 'skipped';
  /** What is wrong, and what would be right. */
  readonly reason: string;
  /** The faulty column, if the fault is in one column. */
  readonly column?: string;
}

/** Returns what `parse` returns; if it throws a `BadRow`, returns its reason. Other errors are thrown. */
export function attempt<T>(parse: () => T): T | Skipped {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof BadRow)) throw error;
    const { message: reason, column } = error;
    return { kind: 'skipped', reason, ...(column === undefined ? {} : { column }) };
  }
}
