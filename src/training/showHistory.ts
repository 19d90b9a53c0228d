/** Displays the steps of a training run: what each metric was at the first and at the last step, and its curve between them. */
import type { MimeBundle } from '../core/display.js';
import { escapeHtml } from '../core/html.js';
import { alignedText, countOf } from '../core/text.js';
import type { StepMetrics } from './metrics.js';

/** The metrics that are shown, with their names in plain words. */
const metricNames = {
  loss: 'loss',
  'rewards/chosen': 'reward of chosen',
  'rewards/rejected': 'reward of rejected',
  'rewards/margins': 'margin',
  'rewards/accuracies': 'chosen has the greater reward',
} as const satisfies Partial<Record<keyof StepMetrics, string>>;

type ShownMetric = keyof typeof metricNames;

/** What `showHistory` reads of a step. */
export type ShownStep = Readonly<Record<'step', number> & Partial<Record<ShownMetric, number>>>;

const size = { width: 160, height: 22 };

/**
 * The history as a short table, as HTML with a small curve per metric and as text. `title` goes above it, `notes` below.
 *
 * @example
 * showHistory([{ step: 1, loss: 0.69, 'rewards/chosen': 0, 'rewards/rejected': 0, 'rewards/margins': 0, 'rewards/accuracies': 0 }], 'A run');
 */
export function showHistory(
  history: readonly ShownStep[],
  title = countOf(history.length, 'step'),
  notes: readonly string[] = [],
): MimeBundle {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined) return bundle(title, [], [], notes);
  const head = ['', `step ${first.step}`, `step ${last.step}`];
  // Unpaired runs have no accuracies.
  const metrics = (Object.keys(metricNames) as ShownMetric[]).filter((metric) =>
    history.some((step) => step[metric] !== undefined),
  );
  const rows = metrics.map((metric) => ({
    cells: [metricNames[metric], numberOf(first[metric]), numberOf(last[metric])],
    curve: curveSvg(history.map((step) => step[metric])),
  }));
  return bundle(title, head, rows, notes);
}

interface Row {
  readonly cells: readonly string[];
  readonly curve: string;
}

function bundle(title: string, head: readonly string[], rows: readonly Row[], notes: readonly string[]): MimeBundle {
  const align = (column: number) => `style="text-align:${column === 0 ? 'left' : 'right'}"`;
  const headCells = head.map((cell, column) => `<th ${align(column)}>${escapeHtml(cell)}</th>`);
  const bodyRows = rows.map(({ cells, curve }) => {
    const texts = cells.map((cell, column) => `<td ${align(column)}>${escapeHtml(cell)}</td>`);
    return `<tr>${texts.join('')}<td>${curve}</td></tr>`;
  });
  const table =
    rows.length === 0
      ? ''
      : `<table><thead><tr>${headCells.join('')}<th></th></tr></thead><tbody>${bodyRows.join('')}</tbody></table>`;
  const text =
    rows.length === 0 ? [] : [alignedText([head, ...rows.map(({ cells }) => cells)], (column) => column > 0)];
  return {
    'text/html': `<b>${escapeHtml(title)}</b>${table}${notes.map((note) => `<div>${escapeHtml(note)}</div>`).join('')}`,
    'text/plain': [title, ...text, ...notes].join('\n'),
  };
}

/** Four significant digits; a value that is missing is empty. */
const numberOf = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(4))));

/** The values as a line, from the smallest at the bottom to the greatest at the top; values that are not finite leave a gap. */
function curveSvg(values: readonly (number | undefined)[]): string {
  const finite = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  if (finite.length < 2) return '';
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const range = high - low || 1;
  let pen = 'M';
  const points = values.map((value, index) => {
    if (value === undefined || !Number.isFinite(value)) {
      pen = 'M';
      return '';
    }
    const x = 1 + (index / (values.length - 1)) * (size.width - 2);
    const y = size.height - 2 - ((value - low) / range) * (size.height - 4);
    const point = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
    return point;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" role="img" aria-label="curve">` +
    `<path fill="none" stroke="#0072b2" stroke-width="1.5" d="${points.join('')}"/></svg>`
  );
}
