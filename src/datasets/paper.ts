/** The paper's ablation grid: its rows and columns, and the numbers that a source gave for its cells. */
import type { BuilderId } from '../builders/catalog.js';
import type { ObjectiveId } from '../objectives/catalog.js';
import { readJson } from './folder.js';

/** The rows of the paper's table, in its order: four recipes for preference pairs. */
export const gridDatasetIds = [
  'clair',
  'judge_on_policy',
  'judge_off_policy',
  'stronger_preferred',
] as const satisfies readonly BuilderId[];

/** A row of the grid: one of the paper's four builders. Other builders are not rows. */
export type DatasetId = (typeof gridDatasetIds)[number];

/** The columns of the paper's table, in its order. */
export const gridObjectiveIds = [
  'sft',
  'dpo',
  'kto',
  'apo_zero',
  'apo_down',
] as const satisfies readonly ObjectiveId[];

/** A column of the paper's table. A run may have others as well. */
export type GridObjectiveId = (typeof gridObjectiveIds)[number];

/** The numbers of the paper that a source gave; what no source gave is `null` or absent, never invented. */
export interface Published {
  readonly paper: { readonly title: string; readonly citation: string; readonly url: string };
  readonly benchmark: string;
  readonly cells: readonly PublishedCell[];
  /** Published numbers whose grid cell no source states. */
  readonly unplaced: readonly PublishedNumber[];
}

/** A cell of the paper's table: changes of the score in points of MixEval-Hard. */
export interface PublishedCell {
  readonly dataset: DatasetId;
  readonly objective: GridObjectiveId;
  readonly maxChange: number | null;
  readonly meanChange: number | null;
  readonly source: string;
}

/** A published change of the score, in points, that no source assigns to a cell. */
export interface PublishedNumber {
  readonly label: string;
  readonly maxChange: number | null;
  readonly meanChange: number | null;
  readonly source: string;
}

/** D'Oosterlinck et al.: the numbers that the report shows beside those of a run. */
export const paper = {
  published: (): Published => readJson('paper/published.json') as Published,
};
