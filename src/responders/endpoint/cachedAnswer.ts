/** Answers as the cache has them, also those that earlier versions wrote. */
import type { Refusal, Response } from '../responder.js';
import { splitThinking } from '../thinking.js';

/** An answer in the cache. Version 0.1.0 wrote refusals with the kind 'rejected'. */
export type CachedAnswer = Response | Refusal | (Omit<Refusal, 'kind'> & { readonly kind: 'rejected' });

/**
 * Reasons that version 0.1.0 kept although they say nothing about the content: the server's refusals of a configuration, and
 * empty answers, which may have been cut.
 */
const staleReason = /^(?:status \d{3}: |no answer in \d+ attempts?; )/;
/**
 * A cached answer in the form of this version: its text without thinking and without white space at its ends. Undefined if
 * there is none, or if it is to be asked again.
 *
 * @example
 * freshAnswer({ kind: 'skipped', reason: 'status 400: failed to load model' }); // undefined
 */
export function freshAnswer(cached: CachedAnswer | undefined): Response | Refusal | undefined {
  if (cached === undefined) return undefined;
  if (cached.kind !== 'response') {
    const { reason } = cached;
    if (staleReason.test(reason)) return undefined;
    return { ...cached, kind: 'skipped' };
  }
  const { text, reasoning } = splitThinking(cached.text);
  // A whole answer of thinking is asked again.
  if (text.trim() === '') return undefined;
  return { ...cached, text: text.trim(), ...(reasoning === '' ? {} : { reasoning }) };
}
