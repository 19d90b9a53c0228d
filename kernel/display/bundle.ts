/** A value's pictures: the same thing in several media types, of which a client shows the richest that it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** A value shows itself by a method of this name (Deno's convention): `[Symbol.for('Jupyter.display')]() => MimeBundle`. */
export const displaySymbol: unique symbol = Symbol.for('Jupyter.display') as never;

export interface Displayable {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
}

export { escapeHtml } from '../../src/core/html.js';

/**
 * Text of a promise as the person wrote it: where asynchronous contexts are followed, Node 20 and 22 hang three symbols on
 * every promise, and `inspect` shows them.
 */
export function withoutAsyncIds(text: string): string {
  if (!text.includes('[Symbol(async_id_symbol)]')) return text;
  return text.replace(
    /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: (?:\d+|'[^'\n]*')/g,
    '',
  );
}
