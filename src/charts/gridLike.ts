/** What the figures need to know of a grid; the ablation room's `Grid` is one. */

export interface GridLike {
  readonly run: { readonly datasets: readonly BuilderId[]; readonly objectives: readonly ObjectiveId[] };
  readonly base: { readonly score: number };
  readonly cells: readonly CellLike[];
}

export interface CellLike {
  readonly dataset: BuilderId;
  readonly objective: ObjectiveId;
  readonly seed: number;
  readonly baseScore: number;
  readonly scores: readonly number[];
  readonly maxChange: number;
  readonly meanChange: number;
  readonly history: readonly Readonly<Record<string, number>>[];
}

/** The mean, or `null` of nothing. */
export function meanOver(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Lays series of one length side by side and takes the mean at each place. */
export function meanSeries(series: readonly (readonly number[])[]): (number | null)[] {
  return (series[0] ?? []).map((_, place) => meanOver(series.map((values) => values[place] ?? NaN)));
}

/** The most checkpoints that a cell has; 1 of an empty grid. */
export function epochsOf(grid: GridLike): number {
  return Math.max(1, ...grid.cells.map(({ scores }) => scores.length));
}
import type { BuilderId } from '../builders/catalog.js';
import type { ObjectiveId } from '../objectives/catalog.js';
