/** `progress(...)`: a bar with rate and time left, redrawn in place at most ten times a second. */
import { randomUUID } from 'node:crypto';
import { escapeHtml } from '../../src/core/html.js';
import type { MimeBundle } from '../../src/core/display.js';
import type { Display } from './display.js';

export interface ProgressOptions {
  /** What is being done; stands before the bar. */
  readonly label?: string;
  /** How many steps there are, where the iterable can't say. */
  readonly total?: number;
}

/** A bar that is moved by hand. */
export interface ProgressBar {
  /** Moves on by `steps` (1). */
  advance(steps?: number): void;
  /** Draws the last state. */
  finish(): void;
}

export interface Progress {
  /**
   * Iterates and shows how far it is.
   *
   * @example
   * for (const pair of progress(pairs)) score(pair);
   */
  <T>(items: Iterable<T>, options?: ProgressOptions): Generator<T, void, undefined>;
  <T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncGenerator<T, void, undefined>;
  /** A bar of `total` steps to be moved by hand: `const bar = progress(10); bar.advance();` */
  (total: number, options?: ProgressOptions): ProgressBar;
}

export interface ProgressState {
  readonly label: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly seconds: number;
}

const redrawMilliseconds = 100;
const barWidth = 24;

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

/** `label [######------] 5/10, 2.0/s, 0:02 left`; without a total only count and rate. */
export function renderProgress({ label, done, total, seconds }: ProgressState): MimeBundle {
  const rate = seconds > 0 ? done / seconds : 0;
  const counts = total === undefined ? `${done}` : `${done}/${total}`;
  const left = total === undefined || rate === 0 ? [] : [`${clock((total - done) / rate)} left`];
  const facts = [counts, `${rate.toFixed(1)}/s`, ...(done === total ? [`${clock(seconds)} in all`] : left)].join(', ');
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

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const padded = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`;
}
