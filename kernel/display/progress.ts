/** `progress(...)`: a bar with rate, time left and metrics, redrawn in place at most ten times per second. */
import { isFollowed, progressOf, type ProgressFacts } from '../../src/core/followed.js';
import type { Display } from './display.js';
import { drawBar, type DrawnBar } from './progressBar.js';

/** Options of `progress`. */
export interface ProgressOptions {
  /** Shown before the bar. */
  readonly label?: string;
  /** The number of steps. By default what the iterable says of itself, or its length or size, if it has one. */
  readonly total?: number;
  /** Numbers to show beside the bar, read each time it is drawn: `() => ({ loss })`. By default those of the iterable. */
  readonly metrics?: () => Readonly<Record<string, number>>;
}

/** A bar that the cell advances itself. */
export interface ProgressBar {
  /** Advances by `steps`, 1 by default. */
  advance(steps?: number): void;
  /** Draws the last state. */
  finish(): void;
}

/** The global `progress`. */
export interface Progress {
  /**
   * Iterates over `items` and shows the progress.
   *
   * A training run shows its steps, loss, margin and both rewards; pairs that are being built show how many there are, and how
   * many prompts were skipped. A value of your own does the same if it has a method `[Symbol.for('apolab.progress')]()` that
   * returns `{ done, total, unit, metrics }`; each field can be missing.
   *
   * @example
   * for (const pair of progress(pairs)) console.log(pair.chosen);
   * for await (const step of progress(training.train(policy, pairs, { objective: 'apo_zero' }))) history.push(step);
   */
  <T>(items: Iterable<T>, options?: ProgressOptions): Generator<T, void, undefined>;
  <T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncGenerator<T, void, undefined>;
  /** A bar of `total` steps that the cell advances itself: `const bar = progress(10); bar.advance();` */
  (total: number, options?: ProgressOptions): ProgressBar;
}

/** The global `progress`, drawn by `display`; `now` is a clock in milliseconds. */
export function createProgress(display: Pick<Display, 'mime'>, now: () => number = () => performance.now()): Progress {
  const progress = (items: number | Iterable<unknown> | AsyncIterable<unknown>, options: ProgressOptions = {}) => {
    const bar = drawBar(display, now, options.label ?? '', () => factsOf(items, options));
    if (typeof items === 'number') return { advance: (steps = 1) => bar.advance(steps), finish: () => bar.finish() };
    return Symbol.asyncIterator in items ? iterateAsync(items, bar) : iterate(items, bar);
  };
  return progress as Progress;
}

function factsOf(items: unknown, { total, metrics }: ProgressOptions): ProgressFacts {
  const own = isFollowed(items) ? items[progressOf]() : { total: countOf(items) };
  return {
    ...own,
    ...(total === undefined ? {} : { total }),
    ...(metrics === undefined ? {} : { metrics: metrics() }),
  };
}

function countOf(items: unknown): number | undefined {
  if (typeof items === 'number') return items;
  if (typeof items !== 'object' || items === null) return undefined;
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === 'number' ? length : typeof size === 'number' ? size : undefined;
}

function* iterate<T>(items: Iterable<T>, bar: DrawnBar): Generator<T, void, undefined> {
  try {
    for (const item of items) {
      yield item;
      bar.advance(1);
    }
  } finally {
    bar.finish();
  }
}

/**
 * Not an async generator: such a one handles `return` only after the `next` in progress, and a training run would take one more
 * step after the stop button.
 */
function iterateAsync<T>(items: AsyncIterable<T>, bar: DrawnBar): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  const end = { done: true, value: undefined } as const;
  let state: 'begun' | 'running' | 'ended' = 'begun';
  const finish = () => {
    if (state !== 'ended') bar.finish();
    state = 'ended';
    return end;
  };
  const followed: AsyncGenerator<T, void, undefined> = {
    async next() {
      if (state === 'ended') return end;
      if (state === 'running') bar.advance(1);
      state = 'running';
      try {
        const result = await iterator.next();
        return result.done === true ? finish() : result;
      } catch (error) {
        finish();
        throw error;
      }
    },
    async return() {
      const wasEnded = state === 'ended';
      finish();
      if (!wasEnded) await iterator.return?.();
      return end;
    },
    async throw(error: unknown) {
      await followed.return();
      throw error;
    },
    [Symbol.asyncIterator]: () => followed,
  };
  return followed;
}
