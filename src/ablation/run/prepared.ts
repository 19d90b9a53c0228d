/** What a seed's cells share: the base policy with its score, and the pairs of every dataset. Types only. */
import type { DatasetId } from '../../datasets/paper.js';
import type { PolicyScore } from '../cell/cell.js';
import type { PairsRecord } from '../grid.js';
import type { RunSettings } from './runSettings.js';

/** One seed, ready for its cells. */
export interface PreparedRun {
  /** Folder of the base policy. */
  readonly policy: string;
  readonly worldSeed: number;
  readonly base: PolicyScore;
  readonly pairs: Readonly<Partial<Record<DatasetId, PreparedPairs>>>;
}

/** The pairs of one dataset, written to a file. */
export type PreparedPairs = Omit<PairsRecord, 'dataset' | 'seed'>;

/** How far the preparation is. */
export interface PrepareProgress {
  /** The current task, for the progress line. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
}

/** Builds or reads the pairs of one seed (`run.seed`) under `run.out`, and scores the base. */
export type PrepareRun = (run: RunSettings, onProgress: (progress: PrepareProgress) => void) => Promise<PreparedRun>;
