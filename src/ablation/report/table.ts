/** The grid as text: for the terminal, and as comma-separated values. */
import { builderCatalog } from '../../builders/catalog.js';
import type { Estimate } from '../../core/statistics.js';
import { columnStyle } from '../../charts/columnStyle.js';
import type { Grid, GridCell } from '../grid.js';
import { formatInterval, signed } from './numbers.js';
import { summarize, type SummaryCell } from './summary.js';
import { alignedText, countOf } from '../../core/text.js';

/**
 * The table: each cell is the `max / mean` change in points against the base; two tables with the intervals follow.
 *
 * @example
 * console.log(ablation.formatTable(grid));
 */
export function formatTable(grid: Grid): string {
  const rows = summarize(grid);
  const header = ['', ...grid.run.objectives.map((objective) => columnStyle(grid.run, objective).label)];
  const values = rows.map(({ dataset, cells }) => [builderCatalog[dataset].label, ...cells.map(formatChanges)]);
  const intervals = (statistic: 'max' | 'mean') =>
    rows.map(({ dataset, cells }) => [
      builderCatalog[dataset].label,
      ...cells.map(({ changes }) => (changes === null ? 'failed' : formatReach(changes[statistic]))),
    ]);
  const kind = grid.run.seeds === 1 ? 'over the evaluation prompts, paired bootstrap' : 'over the seeds, t-interval';
  return [
    `Change of the score in points, max / mean over ${countOf(grid.run.epochs, 'checkpoint')}`,
    '',
    alignedText([header, ...values], isNumber, '   '),
    '',
    `Base score ${grid.base.score.toFixed(1)} of 100 on ${countOf(grid.run.evaluationPrompts, 'held-out prompt')}, ${seedText(grid)}.`,
    '',
    `95 % intervals of the max change (${kind})`,
    alignedText([header, ...intervals('max')], isNumber, '   '),
    '',
    '95 % intervals of the mean change',
    alignedText([header, ...intervals('mean')], isNumber, '   '),
    ...grid.failures.map(
      ({ dataset, objective, seed, reason }) =>
        `\nFailed: ${builderCatalog[dataset].label} x ${columnStyle(grid.run, objective).label}, seed ${seed}. ${reason}`,
    ),
  ].join('\n');
}

/** The first column holds names. */
const isNumber = (column: number) => column > 0;

/** `+7.6 / +5.1`, or `failed`. */
function formatChanges({ changes }: SummaryCell): string {
  return changes === null ? 'failed' : `${signed(changes.max.value)} / ${signed(changes.mean.value)}`;
}

function formatReach({ interval }: Estimate): string {
  return interval === null ? 'unknown' : formatInterval(interval);
}

/** The columns of a row, each with its value for a cell. */
const columns = {
  dataset: (cell) => cell.dataset,
  objective: (cell) => cell.objective,
  seed: (cell) => cell.seed,
  baseScore: (cell) => cell.baseScore,
  maxChange: (cell) => cell.maxChange,
  maxLow: (cell) => cell.maxInterval.low,
  maxHigh: (cell) => cell.maxInterval.high,
  meanChange: (cell) => cell.meanChange,
  meanLow: (cell) => cell.meanInterval.low,
  meanHigh: (cell) => cell.meanInterval.high,
  learningRate: (cell) => cell.settings.learningRate,
  beta: (cell) => cell.settings.beta,
  epochs: (cell) => cell.settings.epochs,
  seconds: (cell) => cell.seconds,
  /** Score of each checkpoint, separated by spaces. */
  scores: (cell) => cell.scores.join(' '),
} satisfies Record<string, (cell: GridCell) => string | number>;

/** One cell as a flat row. */
export type GridRow = { readonly [Column in keyof typeof columns]: ReturnType<(typeof columns)[Column]> };

/**
 * One flat row per cell, for a data frame or a spreadsheet.
 *
 * @example
 * new dfd.DataFrame(ablation.gridRows(grid))
 */
export function gridRows(grid: Grid): GridRow[] {
  return grid.cells.map(
    (cell) => Object.fromEntries(Object.entries(columns).map(([column, read]) => [column, read(cell)])) as GridRow,
  );
}

/** The rows as comma-separated values with a header. Values are ids and numbers, so none needs quotes. */
export function formatCsv(grid: Grid): string {
  const rows = [Object.keys(columns), ...gridRows(grid).map((row) => Object.values(row))];
  return rows.map((row) => `${row.join(',')}\n`).join('');
}

function seedText({ base }: Grid): string {
  const seeds = base.seeds.map(({ seed }) => seed).join(', ');
  return base.seeds.length === 1 ? `seed ${seeds}` : `mean of seeds ${seeds}`;
}
