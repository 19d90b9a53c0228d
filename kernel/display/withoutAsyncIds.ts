/**
 * Removes three symbols from text that `inspect` made of promises. Node 20 and 22 set them on every promise while an
 * AsyncLocalStorage is in use, as it is in the kernel.
 */
export function withoutAsyncIds(text: string): string {
  if (!text.includes('[Symbol(async_id_symbol)]')) return text;
  return text.replace(
    /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: (?:\d+|undefined|'[^'\n]*')/g,
    '',
  );
}
