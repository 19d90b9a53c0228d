/** The grid as the paper prints it: one row per dataset, one column per objective, over all seeds of the run. */
import type { Estimate } from '../../core/statistics.js';
import type { DatasetId } from '../../datasets/paper.js';
import { acrossSeeds, type Changes } from '../changes.js';
import type { Grid, GridCell } from '../grid.js';

/** A row: one dataset with every objective. */
export interface SummaryRow {
  readonly dataset: DatasetId;
  readonly cells: readonly SummaryCell[];
}

/** A cell over all its seeds. */
export interface SummaryCell {
  readonly objective: string;
  /** `null` if the cell failed in every seed. */
  readonly changes: Changes<Estimate> | null;
  /** How many seeds have the cell. */
  readonly seeds: number;
}

/**
 * Each cell's max and mean change with a 95 % interval: over the evaluation prompts for one seed (paired bootstrap), over the
 * seeds for several (t-interval).
 */
export function summarize(grid: Grid): SummaryRow[] {
  return grid.run.datasets.map((dataset) => ({
    dataset,
    cells: grid.run.objectives.map((objective) => {
      const cells = cellsOf(grid, dataset, objective);
      return { objective, changes: changesOf(cells), seeds: cells.length };
    }),
  }));
}

/** The cells of one dataset and objective, one per seed that finished it. */
export function cellsOf(grid: Grid, dataset: DatasetId, objective: string): GridCell[] {
  return grid.cells.filter((cell) => cell.dataset === dataset && cell.objective === objective);
}

function changesOf(cells: readonly GridCell[]): Changes<Estimate> | null {
  const [first] = cells;
  if (first === undefined) return null;
  if (cells.length === 1)
    return {
      max: { value: first.maxChange, interval: first.maxInterval },
      mean: { value: first.meanChange, interval: first.meanInterval },
    };
  return {
    max: acrossSeeds(cells.map((cell) => cell.maxChange)),
    mean: acrossSeeds(cells.map((cell) => cell.meanChange)),
  };
}
