/** The state of a running grid: a bar over all cells, and the metrics of those in training. */
import { statusType } from '../../core/liveDisplay.js';
import type { MimeBundle } from '../../core/display.js';
import { escapeHtml } from '../../core/html.js';
import { formatMetrics, formatProgress } from '../../core/progress.js';
import { alignedText } from '../../core/text.js';
import type { CellProgress } from '../cell/cell.js';

/** What the status shows. */
export interface GridStatus {
  /** Cells to train, without those that were finished before. */
  readonly total: number;
  readonly finished: number;
  /** The progress of the cells in training, by their names. */
  readonly running: ReadonlyMap<string, CellProgress>;
  /** Milliseconds, on the same clock as `now`. */
  readonly startedAt: number;
  readonly now: number;
}

/** The bar as a line of at most `width` columns. Cells in training count by their steps. */
export function gridBar({ total, finished, running, startedAt, now }: GridStatus, width: number): string {
  const partial = [...running.values()].reduce((sum, { step, steps }) => sum + step / steps, 0);
  const done = Math.round(10 * (finished + partial)) / 10;
  return formatProgress({ done, total, startedAt, now, label: 'cells', width });
}

/**
 * The status as text (the bar, and a line for each cell in training with its epoch, loss, margin and rewards) and as HTML.
 *
 * @param width columns of the bar
 */
export function showGridStatus(status: GridStatus, width = 79): MimeBundle {
  const rows = [...status.running].map(([name, { epoch, epochs, metrics = {} }]) => [
    name,
    `epoch ${epoch}/${epochs}`,
    ...formatMetrics(metrics),
  ]);
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const filled = rows.map((row) => [...row, ...Array<string>(columns - row.length).fill('')]);
  const bar = gridBar(status, width);
  const text = [bar, ...(rows.length === 0 ? [] : [alignedText(filled, () => false)])].join('\n');
  const cells = filled.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`);
  return {
    'text/plain': text,
    'text/html': `<code>${escapeHtml(bar)}</code>${cells.length === 0 ? '' : `<table>${cells.join('')}</table>`}`,
    [statusType]: text,
  };
}
