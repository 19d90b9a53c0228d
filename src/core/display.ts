/**
 * How a value shows itself in a notebook: a method under `Symbol.for('Jupyter.display')` that returns a MIME bundle, the
 * convention of Deno's kernel, so the library renders there as well as here.
 */
export const jupyterDisplay: unique symbol = Symbol.for('Jupyter.display') as never;

/** One picture of a value a MIME type; the front end shows the richest that it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>;

export interface Displayable {
  [jupyterDisplay](): MimeBundle;
}
