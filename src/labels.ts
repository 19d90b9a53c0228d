/**
 * The grid's names as the paper writes them, in its order of rows and columns.
 *
 * They stand here, free of every room, so that tables and figures can name things without loading TensorFlow.
 */
import type { ObjectiveId } from './objectives/index.js';
import type { DatasetId } from './preference/pair.js';

export type { DatasetId, ObjectiveId };

export const datasetLabels = {
  clair: 'CLAIR',
  judge_on_policy: 'Judge on-policy',
  judge_off_policy: 'Judge off-policy',
  stronger_preferred: 'Stronger Preferred',
} as const satisfies Record<DatasetId, string>;

export const objectiveLabels = {
  sft: 'SFT',
  dpo: 'DPO',
  kto: 'KTO',
  apo_zero: 'APO-zero',
  apo_down: 'APO-down',
  apo_zero_unpaired: 'APO-zero (unpaired)',
  dpo_norm: 'DPO (length-normalised)',
  robust_dpo: 'Robust DPO',
  dpop: 'DPOP',
  ipo: 'IPO',
  bco_pair: 'BCO (paired)',
  bco: 'BCO',
  cpo: 'CPO',
  simpo: 'SimPO',
  orpo: 'ORPO',
} as const satisfies Record<ObjectiveId, string>;
