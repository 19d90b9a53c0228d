/** The result of a run: what `grid.json` holds. */
import type { Interval } from '../core/statistics.js';
import type { DatasetId } from '../datasets/paper.js';
import type { CellResult, PolicyScore } from './cell/cell.js';
import type { RunSettings } from './run/runSettings.js';

/** A finished run. */
export interface Grid {
  readonly run: RunSettings;
  readonly base: GridBase;
  /** Finished cells: seed by seed, datasets in the order of the rows, objectives in the order of the columns. */
  readonly cells: readonly GridCell[];
  /** Cells that failed twice. */
  readonly failures: readonly CellFailure[];
  /** What each seed's cells were trained on. */
  readonly pairs: readonly PairsRecord[];
  readonly environment: Environment;
  /** ISO 8601, as `finishedAt`. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seconds: number;
}

/** The policy before training. */
export interface GridBase {
  /** Mean over the seeds, 0 to 100. */
  readonly score: number;
  readonly seeds: readonly ({ readonly seed: number } & PolicyScore)[];
}

/** A cell's result with its intervals. */
export interface GridCell extends CellResult {
  /** Score of the base in the cell's seed, 0 to 100. */
  readonly baseScore: number;
  /** 95 %, paired bootstrap over the evaluation prompts. */
  readonly maxInterval: Interval;
  readonly meanInterval: Interval;
  /** The tensor backend that trained it. */
  readonly backend: string;
}

/** A cell that could not be trained. */
export interface CellFailure {
  readonly dataset: DatasetId;
  readonly objective: string;
  readonly seed: number;
  readonly reason: string;
}

/** The pairs of one dataset and seed, and every row or prompt that was skipped. */
export interface PairsRecord {
  readonly dataset: DatasetId;
  readonly seed: number;
  /** A user's file, or the builder that made the pairs. */
  readonly source: string;
  /** The file that the cells read. */
  readonly file: string;
  readonly count: number;
  readonly skipped: readonly SkippedItem[];
  /** Mean Jaccard similarity of the responses' token sets, 0 to 1; higher is more contrastive. */
  readonly jaccard: number;
  /** Mean edit distance of the responses in characters; lower is more contrastive. */
  readonly levenshtein: number;
}

/** A row or prompt that gave no pair. */
export interface SkippedItem {
  readonly reason: string;
  /** Its line, if it is a row of a file. */
  readonly line?: number;
  /** The text of that line. */
  readonly text?: string;
  readonly prompt?: string;
}

/** The program and machine of a run. */
export interface Environment {
  readonly apolab: string;
  readonly node: string;
  readonly platform: string;
  readonly processors: string;
}
