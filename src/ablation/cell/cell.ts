/**
 * One cell of the ablation grid: one dataset, one objective, one seed, trained from the base policy with one checkpoint per
 * epoch. Checkpoints are scored like the base. This file holds the types that the rest of the room shares.
 */
import type { DatasetId } from '../../datasets/paper.js';
import type { EvaluationSplit } from '../../evaluation/villageHard.js';
import type { OwnOptions } from '../../objectives/ownObjective.js';
import type { ItemScores } from '../changes.js';

/** All that a cell's result depends on beside the files that it names. */
export interface CellSettings {
  readonly dataset: DatasetId;
  /** An id of the catalog, or of one of the run's own objectives. */
  readonly objective: string;
  /** What an own objective is: the text of its function, and its options. */
  readonly ownObjective?: { readonly definition: string; readonly defaults: OwnOptions };
  readonly seed: number;
  /** Folder of the base policy (Hugging Face layout). */
  readonly policy: string;
  /** JSONL file of the pairs to train on. */
  readonly pairs: string;
  readonly epochs: number;
  /** Pairs per step. */
  readonly batchSize: number;
  readonly learningRate: number;
  readonly beta: number;
  /** Seed of the village whose held-out prompts score the checkpoints. */
  readonly worldSeed: number;
  /** How many of its hard held-out prompts. */
  readonly evaluationPrompts: number;
  /** `test` is for reported scores, `validation` for choosing settings. */
  readonly split: EvaluationSplit;
}

/** A policy's score on the evaluation prompts. */
export interface PolicyScore {
  /** Mean of the item scores, 0 to 100. */
  readonly score: number;
  /** One score per prompt, from 0 to 1, in the order of the prompts (for paired intervals). */
  readonly itemScores: ItemScores;
}

/** How far a cell's training is, after each step. */
export interface CellProgress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
  /** Score of the checkpoint, 0 to 100, at the end of an epoch. */
  readonly score?: number;
  /** Loss, margin, chosen and rejected reward of the step, by these names. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** What a trained cell gives. */
export interface CellResult {
  readonly dataset: DatasetId;
  readonly objective: string;
  readonly seed: number;
  /** Score of each checkpoint, 0 to 100. */
  readonly scores: readonly number[];
  /** Largest score over the checkpoints minus the base's, in points. */
  readonly maxChange: number;
  /** Mean score over the checkpoints minus the base's, in points. */
  readonly meanChange: number;
  /** The item scores of each checkpoint. */
  readonly itemScores: readonly ItemScores[];
  /** Mean over each epoch's steps of the metrics that TRL logs, by TRL's names (`loss`, `rewards/chosen`, ...). */
  readonly history: readonly Readonly<Record<string, number>>[];
  readonly settings: CellSettings;
  readonly seconds: number;
}
