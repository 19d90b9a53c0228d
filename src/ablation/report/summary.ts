/** The grid as the paper prints it: one row a dataset, one column an objective, over all seeds of the run. */
import type { ObjectiveId } from '../../objectives/index.js';
import type { Grid, GridCell } from '../grid.js';
import { acrossSeeds, type Changes, type Estimate } from './statistics.js';
import type { DatasetId } from '../../datasets/paper.js';

export interface SummaryRow {
  readonly dataset: DatasetId;
  readonly cells: readonly SummaryCell[];
}

export interface SummaryCell {
  readonly objective: ObjectiveId;
  /** `null` where no seed's cell was finished. */
  readonly changes: Changes<Estimate> | null;
  readonly seeds: number;
}

/**
 * Each cell's max and mean change with an interval: with one seed over the evaluation prompts (paired bootstrap), with
 * several over the seeds (t-interval).
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

export function cellsOf(grid: Grid, dataset: DatasetId, objective: ObjectiveId): GridCell[] {
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
