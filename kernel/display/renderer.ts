/** What a renderer is, and the types that have one. */
import type { Displayable, MimeBundle } from '../../src/core/display.js';

/** Shows the values of one type. */
export interface Renderer<T> {
  /** True for values of the type. May throw, which counts as false: a revoked Proxy answers no question. */
  readonly matches: (value: unknown) => value is T;
  /** The value in several MIME types; a promise if it has to be read asynchronously. */
  readonly render: (value: T) => MimeBundle | Promise<MimeBundle>;
  /** What `display` shows until the promise is fulfilled. Without it, the value is shown only then, after later outputs. */
  readonly placeholder?: (value: T) => MimeBundle;
}

/**
 * The types that have a renderer, by its name. The file of each renderer adds its line here (`declare module`), and
 * `renderers` (render.ts) needs a row for every line: a renderer without a row does not compile.
 */
export interface RenderedTypes {
  /** Values with a display method of their own. */
  own: Displayable<MimeBundle | Promise<MimeBundle>>;
}
