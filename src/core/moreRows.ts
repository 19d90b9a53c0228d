/** Rows of a table that did not fit into its output: in a notebook the kernel keeps them, and the page asks for them. */

/** The rows from an index on, as many as fit into one message. */
export type MoreRows = (start: number) => readonly (readonly unknown[])[];

let keep: ((rows: MoreRows) => string) | undefined;

/** The kernel's offer: it keeps the function, and returns the name by which the page asks for its rows. */
export function offerMoreRows(offered: (rows: MoreRows) => string): void {
  keep = offered;
}

/**
 * The name by which a page asks for these rows; undefined outside of a notebook.
 *
 * @example
 * keepMoreRows((start) => [[start]]); // undefined (this is no notebook)
 */
export const keepMoreRows = (rows: MoreRows): string | undefined => keep?.(rows);
