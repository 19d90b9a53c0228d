/** What a seed's cells share: the base policy with its score, and the pairs of every dataset. Types only. */
import type { Evaluation } from '../cell/cell.js';
import type { PairsRecord } from '../grid.js';
import type { RunSettings } from './runSettings.js';
import type { DatasetId } from '../../datasets/paper.js';

export interface PreparedRun {
  /** Folder of the base policy. */
  readonly policy: string;
  readonly worldSeed: number;
  readonly base: Evaluation;
  readonly pairs: Readonly<Partial<Record<DatasetId, PreparedPairs>>>;
}

export type PreparedPairs = Omit<PairsRecord, 'dataset' | 'seed'>;

export interface PrepareProgress {
  /** What is being done, as the progress line names it. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
}

/** Builds or reads the pairs of one seed (`run.seed`) under `run.out`, and scores the base. */
export type PrepareRun = (run: RunSettings, onProgress: (progress: PrepareProgress) => void) => Promise<PreparedRun>;
