/**
 * What lies in `datasets/`, by name: the miniature world's policies, the workshop set, the paper's published numbers, and where
 * the paper's own preference sets are found. Paths hold wherever the code runs from.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { GridObjectiveId, ObjectiveId } from './objectives/index.js';
import { packageRoot } from './packageRoot.js';
import type { DatasetId } from './preference/pair.js';

const folder = path.join(packageRoot, 'datasets');

/** Prompts with answers that a person can read, and the parts that make pairs of them offline. */
export * as workshop from './workshop.js';

/** The miniature world: a village ledger in which every answer can be checked. */
export const miniatureWorld = {
  folder: path.join(folder, 'miniature-world'),
  /** How many worlds have a pretrained policy here: 0, 1 and 2. */
  worlds: 3,
  /**
   * Folder of the base policy that was pretrained in that world (config, tokenizer, safetensors).
   *
   * @example
   * const policy = await models.fromPretrained(datasets.miniatureWorld.policy(0));
   */
  policy: (worldSeed = 0): string => path.join(folder, 'miniature-world', `policy-${worldSeed}`),
  /** The settings that were frozen before the run that counts. */
  tuning: (): Tuning => readJson('miniature-world/tuning.json') as Tuning,
};

/** `datasets/miniature-world/tuning.json`: chosen with the same budget for every objective, on the validation split. */
export interface Tuning {
  readonly learningRates: Readonly<Partial<Record<ObjectiveId, number>>>;
}

/** The numbers of the paper that a source gave; what no source gave is `null` or absent, never invented. */
export interface Published {
  readonly paper: { readonly title: string; readonly citation: string; readonly url: string };
  readonly benchmark: string;
  readonly cells: readonly PublishedCell[];
  /** Published numbers whose grid cell no source states. */
  readonly unplaced: readonly PublishedNumber[];
}

export interface PublishedCell {
  readonly dataset: DatasetId;
  readonly objective: GridObjectiveId;
  readonly maxChange: number | null;
  readonly meanChange: number | null;
  readonly source: string;
}

export interface PublishedNumber {
  readonly label: string;
  readonly maxChange: number | null;
  readonly meanChange: number | null;
  readonly source: string;
}

/** D'Oosterlinck et al.: the numbers that the report lays beside this run's. */
export const paper = {
  published: (): Published => readJson('paper/published.json') as Published,
};

/** A preference set on the Hugging Face Hub. */
export interface HubDataset {
  readonly repository: string;
  /** Pairs in its `train` split, as its page states them. */
  readonly rows: string | null;
  /** Column that holds the reviser's reasoning, where there is one; read as `rationale`. */
  readonly rationaleColumn: string | null;
}

/** The authors' own sets: `prompt` is text, `chosen` and `rejected` are lists of messages with the answer last. */
export const hub = {
  clair: { repository: 'ContextualAI/ultrafeedback_clair_32k', rows: '29.1K', rationaleColumn: 'rational' },
  judge_on_policy: { repository: 'ContextualAI/ultrafeedback_rlaif_32k', rows: '31.8K', rationaleColumn: null },
  judge_off_policy: {
    repository: 'ContextualAI/ultrafeedback_rlaif-offpolicy_32k',
    rows: null,
    rationaleColumn: null,
  },
  stronger_preferred: {
    repository: 'ContextualAI/ultrafeedback_stronger-preferred_32k',
    rows: '29.1K',
    rationaleColumn: null,
  },
} as const satisfies Record<DatasetId, HubDataset>;

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
}
