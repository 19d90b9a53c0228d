/** How a value shows itself in a notebook. */

/**
 * The name of the method that shows a value: Deno's convention, so that values of this library show themselves in Deno's kernel
 * as well.
 *
 * @example
 * const shown = { [jupyterDisplay]: () => ({ 'text/html': '<b>1</b>', 'text/plain': '1' }) };
 */
export const jupyterDisplay: unique symbol = Symbol.for('Jupyter.display') as never;

/** One value in several MIME types. A front end shows the richest that it supports. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** A value with a display method. The kernel also awaits a bundle that comes as a promise. */
export interface Displayable<Bundle extends MimeBundle | Promise<MimeBundle> = MimeBundle> {
  [jupyterDisplay](): Bundle;
}
