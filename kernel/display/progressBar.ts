/** A progress bar as text and as HTML, and the bar that is redrawn in place. */
import type { MimeBundle } from '../../src/core/display.js';
import type { ProgressFacts } from '../../src/core/followed.js';
import { escapeHtml } from '../../src/core/html.js';
import { formatMetrics, formatTime } from '../../src/core/progress.js';
import type { Display } from './display.js';
import { replacing } from './replacing.js';

/** What a bar shows. */
export interface ProgressState extends ProgressFacts {
  readonly label: string;
  readonly done: number;
  /** Undefined if the number of steps is not known. */
  readonly total: number | undefined;
  readonly seconds: number;
  /** How much was done before the bar was shown; it does not count for the rate. 0 by default. */
  readonly before?: number;
  /** The loop was left. */
  readonly left?: boolean;
  /** A sentence at the end. */
  readonly note?: string;
}

const barWidth = 24;
const redrawMilliseconds = 100;

/**
 * A bar as text, `label [######------] 5/10 steps, 2.0/s, 0:02 left, loss 0.612`, and as HTML. Without a total: count and rate only.
 *
 * The time left assumes a constant rate: `seconds (total - done) / (done - before)`.
 */
export function renderProgress(state: ProgressState): MimeBundle {
  const { label, done, total, seconds, before = 0, unit, metrics = {}, left = false, note } = state;
  const rate = seconds > 0 ? (done - before) / seconds : 0;
  const isDone = done === total;
  const counts = `${done}${total === undefined ? '' : `/${total}`}${unit === undefined ? '' : ` ${unit}`}`;
  const timeLeft = total === undefined || rate === 0 ? [] : [`${formatTime(Math.max(0, (total - done) / rate))} left`];
  const time = isDone
    ? [`${formatTime(seconds)} in all`]
    : left && total !== undefined
      ? [`stopped after ${formatTime(seconds)}`]
      : timeLeft;
  const facts = [counts, `${rate.toFixed(1)}/s`, ...time].join(', ');
  const shown = [...formatMetrics(metrics), ...(note === undefined ? [] : [note])];
  const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const bar = total === undefined ? '' : `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] `;
  const element = total === undefined ? '' : `<progress value="${done}" max="${total}"></progress> `;
  const start = label === '' ? '' : `${label} `;
  return {
    'text/plain': `${start}${bar}${[facts, ...shown].join(', ')}`,
    'text/html': `${escapeHtml(start)}${element}<code>${facts}</code>${shown.length === 0 ? '' : ` <code>${escapeHtml(shown.join('  '))}</code>`}`,
  };
}

/** A bar that its user advances. */
export interface DrawnBar {
  /** Counts `steps` more; draws if a tenth of a second has passed since it drew last. */
  advance(steps: number): void;
  /** Draws the last state. */
  finish(): void;
}

/**
 * Shows a bar, and redraws it in the same place.
 *
 * @param facts asked at each drawing; a count or total that it does not give is the bar's own
 */
export function drawBar(
  display: Pick<Display, 'mime'>,
  now: () => number,
  label: string,
  facts: () => ProgressFacts & Pick<ProgressState, 'note'>,
): DrawnBar {
  const show = replacing(display);
  const start = now();
  const before = facts().done ?? 0;
  let [count, drawn] = [before, -Infinity];
  const draw = (left: boolean) => {
    drawn = now();
    const { done = count, total, ...rest } = facts();
    const state = { label, done, total, seconds: (drawn - start) / 1000, before, left, ...rest };
    show(renderProgress(state));
  };
  draw(false);
  return {
    advance(steps) {
      count += steps;
      if (now() - drawn >= redrawMilliseconds) draw(false);
    },
    finish: () => draw(true),
  };
}
