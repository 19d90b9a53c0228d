/** The grid's result: what `grid.json` holds. Types only, and the one way to make a result know how to show itself. */
import type { ObjectiveId } from '../objectives/index.js';
import type { CellResult } from './cell/cell.js';
import type { RunSettings } from './run/runSettings.js';
import type { Interval } from './report/statistics.js';
import type { DatasetId } from '../datasets/paper.js';

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
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seconds: number;
}

export interface GridBase {
  /** Score of the policy before training, 0 to 100; the mean over the seeds where there are several. */
  readonly score: number;
  readonly seeds: readonly { readonly seed: number; readonly score: number; readonly correct: string }[];
}

export interface GridCell extends CellResult {
  readonly baseScore: number;
  /** 95 %, paired bootstrap over the evaluation prompts. */
  readonly maxInterval: Interval;
  readonly meanInterval: Interval;
  /** The TensorFlow.js backend that trained it. */
  readonly backend: string;
}

export interface CellFailure {
  readonly dataset: DatasetId;
  readonly objective: ObjectiveId;
  readonly seed: number;
  readonly reason: string;
}

/** The pairs of one dataset and seed, and every row or prompt that gave none. */
export interface PairsRecord {
  readonly dataset: DatasetId;
  readonly seed: number;
  /** Where the pairs come from: a user's file, or the builder that made them. */
  readonly source: string;
  readonly file: string;
  readonly count: number;
  readonly skipped: readonly SkippedPair[];
  /** Mean Jaccard similarity of the responses' token sets, 0 to 1; higher is more contrastive. */
  readonly jaccard: number;
  /** Mean edit distance of the responses in characters; lower is more contrastive. */
  readonly levenshtein: number;
}

/** A row or prompt that gave no pair, with its reason and, from a file, its line number. */
export interface SkippedPair {
  readonly reason: string;
  readonly line?: number;
  /** The line as it is. */
  readonly text?: string;
  readonly prompt?: string;
}

export interface Environment {
  readonly apolab: string;
  readonly node: string;
  readonly platform: string;
  readonly processors: string;
}
