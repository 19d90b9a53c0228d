/** What a value that is iterated over says of its own progress, so that a progress bar can show more than a count. */

/**
 * The name of the method that says how far a value is: `progress(value)` in a notebook calls it each time it draws.
 *
 * @example
 * const chunks = {
 *   bytes: 0,
 *   [progressOf]: () => ({ done: chunks.bytes, unit: 'bytes' }),
 *   async *[Symbol.asyncIterator]() {
 *     for await (const chunk of readBytes('pairs.jsonl')) yield (chunks.bytes += chunk.length);
 *   },
 * };
 * for await (const bytes of progress(chunks)) console.log(bytes);
 */
export const progressOf: unique symbol = Symbol.for('apolab.progress') as never;

/** How far something is. */
export interface ProgressFacts {
  /** Undefined if only the bar's own count is known. */
  readonly done?: number | undefined;
  /** Undefined if nobody knows how much there is to do. */
  readonly total?: number | undefined;
  /** What is counted, in the plural: `steps`, `pairs`. */
  readonly unit?: string;
  /** Numbers that are shown beside the bar, by name and in their order; a name ends in no unit. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A value that says how far it is. */
export interface Followed {
  [progressOf](): ProgressFacts;
}

/** Whether a value has the method. */
export const isFollowed = (value: unknown): value is Followed =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Followed>)[progressOf] === 'function';
