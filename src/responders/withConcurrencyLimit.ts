/** The limit on how many calls of one responder, reviser or judge run at the same time. */
import pLimit, { type LimitFunction } from 'p-limit';

/** How many calls a responder, reviser or judge takes at the same time, and who limits them. */
export interface ConcurrencyLimit {
  /** Calls at the same time. */
  readonly concurrency?: number;
  /** It keeps to `concurrency` by itself, so callers may start more calls. */
  readonly limitsConcurrency?: true;
}

const limits = new WeakMap<ConcurrencyLimit, LimitFunction>();

/**
 * Runs `work` as soon as the part has a free slot; at once if it has no limit or limits itself. The slots belong to the
 * part object: all callers share them.
 *
 * @example
 * await withConcurrencyLimit({ concurrency: 2 }, () => Promise.resolve(4)); // 4
 */
export function withConcurrencyLimit<T>(
  part: ConcurrencyLimit,
  work: () => Promise<T>,
  limit = part.concurrency,
): Promise<T> {
  if (part.limitsConcurrency === true || limit === undefined) return work();
  const run = limits.get(part) ?? pLimit(limit);
  limits.set(part, run);
  return run(work);
}
