/** The error for memory that is not there, and the setting that turns the estimates off. */
import { ApolabError } from '../core/errors.js';

/** `APOLAB_MEMORY_CHECK=off` starts work although its estimate says that the memory will not suffice. */
export const memoryCheckVariable = 'APOLAB_MEMORY_CHECK';

/** Thrown if memory does not suffice: before the work begins, by an estimate, or if an allocation fails. */
export class OutOfMemoryError extends ApolabError {
  override name = 'OutOfMemoryError';
}

/** A number of bytes for messages: `538 MB`, `2.15 GB` (10^6 and 10^9 bytes). */
export function formatBytes(bytes: number): string {
  if (bytes >= 9.995e8) return `${(bytes / 1e9).toFixed(bytes >= 9.95e9 ? 0 : 2)} GB`;
  return `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}
