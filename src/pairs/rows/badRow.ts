/** Why a row is nothing; leaves a parser through `attempt`, and never this folder. */
export class BadRow extends Error {
  /** @param column the column that is at fault, where it is one */
  constructor(
    readonly column: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** The reason why a row gave nothing, with the column that is at fault, where it is one. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly reason: string;
  readonly column?: string;
}

/** What `parse` gives, or the rejection that it threw as a `BadRow`. */
export function attempt<T>(parse: () => T): T | Skipped {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof BadRow)) throw error;
    const { message: reason, column } = error;
    return { kind: 'skipped', reason, ...(column === undefined ? {} : { column }) };
  }
}
