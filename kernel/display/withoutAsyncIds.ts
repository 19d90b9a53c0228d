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
