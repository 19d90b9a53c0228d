/** `progress(...)`: a bar with rate and time left, redrawn in place at most ten times per second. */
import { randomUUID } from 'node:crypto';
import { escapeHtml } from '../../src/core/html.js';
import { formatTime } from '../../src/core/progress.js';
import type { MimeBundle } from '../../src/core/display.js';
import type { Display } from './display.js';

/** Options of `progress`. */
export interface ProgressOptions {
  /** Shown before the bar. */
  readonly label?: string;
  /** The number of steps. By default the length or size of the iterable, if it has one. */
  readonly total?: number;
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
   * @example
   * for (const pair of progress(pairs)) score(pair);
   */
  <T>(items: Iterable<T>, options?: ProgressOptions): Generator<T, void, undefined>;
  <T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncGenerator<T, void, undefined>;
  /** A bar of `total` steps that the cell advances itself: `const bar = progress(10); bar.advance();` */
  (total: number, options?: ProgressOptions): ProgressBar;
}

/** What a bar shows. */
export interface ProgressState {
  readonly label: string;
  readonly done: number;
  /** Undefined if the number of steps is not known. */
  readonly total: number | undefined;
  readonly seconds: number;
}

const redrawMilliseconds = 100;
const barWidth = 24;

/** The global `progress`, drawn by `display`; `now` is a clock in milliseconds. */
export function createProgress(display: Display, now: () => number = () => performance.now()): Progress {
  const createBar = (total: number | undefined, label: string): ProgressBar => {
    const id = randomUUID();
    const start = now();
    let [done, drawn] = [0, -Infinity];
    const draw = () => {
      const update = drawn >= 0;
      drawn = now();
      display.mime(renderProgress({ label, done, total, seconds: (drawn - start) / 1000 }), { id, update });
    };
    draw();
    return {
      advance(steps = 1) {
        done += steps;
        if (now() - drawn >= redrawMilliseconds) draw();
      },
      finish: draw,
    };
  };

  function* iterate<T>(items: Iterable<T>, bar: ProgressBar): Generator<T, void, undefined> {
    try {
      for (const item of items) {
        yield item;
        bar.advance();
      }
    } finally {
      bar.finish();
    }
  }

  async function* iterateAsync<T>(items: AsyncIterable<T>, bar: ProgressBar): AsyncGenerator<T, void, undefined> {
    try {
      for await (const item of items) {
        yield item;
        bar.advance();
      }
    } finally {
      bar.finish();
    }
  }

  const progress = (items: number | Iterable<unknown> | AsyncIterable<unknown>, options: ProgressOptions = {}) => {
    const bar = createBar(options.total ?? countOf(items), options.label ?? '');
    if (typeof items === 'number') return bar;
    return Symbol.asyncIterator in items ? iterateAsync(items, bar) : iterate(items, bar);
  };
  return progress as Progress;
}

function countOf(items: unknown): number | undefined {
  if (typeof items === 'number') return items;
  if (typeof items !== 'object' || items === null) return undefined;
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === 'number' ? length : typeof size === 'number' ? size : undefined;
}

/** A bar as text, `label [######------] 5/10, 2.0/s, 0:02 left`, and as HTML. Without a total: count and rate only. */
export function renderProgress({ label, done, total, seconds }: ProgressState): MimeBundle {
  const rate = seconds > 0 ? done / seconds : 0;
  const counts = total === undefined ? `${done}` : `${done}/${total}`;
  const left = total === undefined || rate === 0 ? [] : [`${formatTime(Math.max(0, (total - done) / rate))} left`];
  const facts = [counts, `${rate.toFixed(1)}/s`, ...(done === total ? [`${formatTime(seconds)} in all`] : left)].join(
    ', ',
  );
  const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const bar = total === undefined ? '' : `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] `;
  const element = total === undefined ? '' : `<progress value="${done}" max="${total}"></progress> `;
  const start = label === '' ? '' : `${label} `;
  return {
    'text/plain': `${start}${bar}${facts}`,
    'text/html': `${escapeHtml(start)}${element}<code>${facts}</code>`,
  };
}
