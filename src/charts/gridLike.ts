/** The parts of a grid that figures read, and means over its cells. */
import type { BuilderId } from '../builders/catalog.js';
import type { WithOwnObjectives } from './columnStyle.js';

/** The parts of the ablation's `Grid` that figures read. */
export interface GridLike {
  readonly run: WithOwnObjectives & { readonly datasets: readonly BuilderId[]; readonly objectives: readonly string[] };
  readonly base: { readonly score: number };
  readonly cells: readonly CellLike[];
}

/** One cell: a dataset, an objective and a seed, with the scores of its checkpoints. */
export interface CellLike {
  readonly dataset: BuilderId;
  /** An id of the catalog, or of one of the run's own objectives. */
  readonly objective: string;
  readonly seed: number;
  /** Score before training, 0 to 100. */
  readonly baseScore: number;
  /** Score after each epoch, 0 to 100. */
  readonly scores: readonly number[];
  /** Maximum and mean of `scores - baseScore`, in points. */
  readonly maxChange: number;
  readonly meanChange: number;
  /** Metrics of each epoch, by TRL's names. */
  readonly history: readonly Readonly<Record<string, number>>[];
}

/** The mean; `null` of no values. */
export function meanOver(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of several series of the same length at each index. */
export function meanSeries(series: readonly (readonly number[])[]): (number | null)[] {
  return (series[0] ?? []).map((_, place) => meanOver(series.map((values) => values[place] ?? NaN)));
}

/** The largest number of checkpoints of a cell; 1 if the grid is empty. */
export function epochsOf(grid: GridLike): number {
  return Math.max(1, ...grid.cells.map(({ scores }) => scores.length));
}
