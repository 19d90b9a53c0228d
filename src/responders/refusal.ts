/** Refusals: what a responder, reviser or judge gives if it has no result, with the reason. */
import type { Origin, Refusal } from './responder.js';

/**
 * A refusal with its reason and, if there are any, the text that came instead and its origin.
 *
 * @example
 * refusal('the completion is empty'); // { kind: 'skipped', reason: 'the completion is empty' }
 */
export function refusal(reason: string, found: Origin & Pick<Refusal, 'text'> = {}): Refusal {
  return { kind: 'skipped', reason, ...found };
}

/** True if a value is a refusal with a reason. */
export function isRefusal(value: unknown): value is Refusal {
  const { kind, reason } = (typeof value === 'object' ? (value ?? {}) : {}) as Partial<Refusal>;
  return kind === 'skipped' && typeof reason === 'string';
}
