/**
 * One cell of the ablation grid: one dataset, one objective, one seed, trained from the base policy with a checkpoint an
 * epoch, each scored like the base. This file holds the types that the rest of the room shares.
 */
import type { ObjectiveId } from '../../objectives/index.js';
import type { DatasetId } from '../../datasets/paper.js';

export type EvaluationSplit = 'test' | 'validation';

export interface CellSettings {
  readonly dataset: DatasetId;
  readonly objective: ObjectiveId;
  readonly seed: number;
  /** Folder of the base policy (Hugging Face layout). */
  readonly policy: string;
  /** JSONL file of the pairs to train on. */
  readonly pairs: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly beta: number;
  /** The world whose held-out prompts score the checkpoints. */
  readonly worldSeed: number;
  /** How many of its hard held-out prompts. */
  readonly evaluationPrompts: number;
  /** Where these come from: `test` is what is reported, `validation` what settings are chosen on. */
  readonly split: EvaluationSplit;
}

/** A policy's answers to the evaluation prompts, checked. */
export interface Evaluation {
  /** Share of correct answers, 0 to 100. */
  readonly score: number;
  /** Which prompts it answers correctly, as a string of 0 and 1 in the order of the prompts. */
  readonly correct: string;
}

export interface CellProgress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
  /** Score of the checkpoint, at the end of an epoch. */
  readonly score?: number;
}

export interface CellResult {
  readonly dataset: DatasetId;
  readonly objective: ObjectiveId;
  readonly seed: number;
  /** Score of each checkpoint, 0 to 100. */
  readonly scores: readonly number[];
  /** Largest score over the checkpoints minus the base's, in points. */
  readonly maxChange: number;
  /** Mean score over the checkpoints minus the base's, in points. */
  readonly meanChange: number;
  /** For each checkpoint which evaluation prompts it answers correctly, as a string of 0 and 1 (for paired intervals). */
  readonly correct: readonly string[];
  /** Mean over each epoch's steps of the metrics that TRL logs, by TRL's names (`loss`, `rewards/chosen`, ...). */
  readonly history: readonly Readonly<Record<string, number>>[];
  readonly settings: CellSettings;
  readonly seconds: number;
}
