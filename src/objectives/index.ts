/**
 * The objectives, as one table: what enumerates them (grid, notebook, export, help, tests) reads it here.
 *
 * Losses follow TRL's convention (APO's are the paper's plus 1), so a logged loss can be laid beside TRL's.
 */
import { UnknownNameError } from '../errors.js';
import { apoDown } from './apoDown.js';
import { apoZero } from './apoZero.js';
import { apoZeroUnpaired } from './apoZeroUnpaired.js';
import { dpo } from './dpo.js';
import { kto } from './kto.js';
import type { Objective, ObjectiveOptions } from './objective.js';
import { sft } from './sft.js';

export type { Objective, ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from './objective.js';
export { rewardMargins, rewards } from './rewards.js';

/** The paper's five objectives, in the order of its table's columns. */
export const gridObjectiveIds = ['sft', 'dpo', 'kto', 'apo_zero', 'apo_down'] as const;
export type GridObjectiveId = (typeof gridObjectiveIds)[number];

/** Every objective, the grid's first. */
export const objectiveIds = [...gridObjectiveIds, 'apo_zero_unpaired'] as const;
export type ObjectiveId = (typeof objectiveIds)[number];

/** One row of the table: the function and all that documentation, grid, trainer and export need to know of it. */
export interface ObjectiveEntry {
  readonly compute: Objective;
  /** As the paper writes its name. */
  readonly label: string;
  /** The loss of one example, in the notation of objective.ts. */
  readonly formula: string;
  readonly source: string;
  readonly whenToUse: string;
  readonly defaults: ObjectiveOptions;
  /** Whether a loss belongs to a pair (`[pairs]`) or to a single response (`[2 * pairs]`, chosen first). */
  readonly paired: boolean;
  /** Whether the loss itself depends on the reference; the logged rewards always do. */
  readonly needsReference: boolean;
  /** Whether `logProbs.divergence` has to be there. */
  readonly needsDivergence: boolean;
  /** Whether `logProbs.rewardShift` has to be there. */
  readonly needsRewardShift: boolean;
  readonly trlTrainer: 'SFTTrainer' | 'DPOTrainer' | 'KTOTrainer';
  /** TRL's `loss_type`, or `sft`, for which its SFTTrainer needs none. */
  readonly trlName: string;
}

const defaults: ObjectiveOptions = { beta: 0.1 };
const unpairedDefaults: ObjectiveOptions = { ...defaults, desirableWeight: 1, undesirableWeight: 1 };

/**
 * The table of objectives, by id.
 *
 * @example
 * const { losses, chosenRewards } = objectives.apo_zero.compute(logProbs, objectives.apo_zero.defaults);
 * tf.mean(losses).print(); // 0.537883 (log-ratios 10 and -10); 1 while policy and reference agree
 */
export const objectives = {
  sft: {
    compute: sft,
    label: 'SFT',
    formula: '-log pi(y_w|x), mean over response tokens',
    source: 'TRL SFTTrainer with completion_only_loss',
    whenToUse: 'To imitate the chosen responses; the rejected ones are not used.',
    defaults,
    paired: true,
    needsReference: false,
    needsDivergence: false,
    needsRewardShift: false,
    trlTrainer: 'SFTTrainer',
    trlName: 'sft',
  },
  dpo: {
    compute: dpo,
    label: 'DPO',
    formula: '-log s(r_w - r_l)',
    source: 'Rafailov et al., arXiv 2305.18290',
    whenToUse: 'When only the margin between the responses matters, not where either likelihood goes.',
    defaults,
    paired: true,
    needsReference: true,
    needsDivergence: false,
    needsRewardShift: false,
    trlTrainer: 'DPOTrainer',
    trlName: 'sigmoid',
  },
  kto: {
    compute: kto,
    label: 'KTO',
    formula: 'desirable: 1 - s(beta (D - KL)); undesirable: 1 - s(beta (KL - D)); KL detached, >= 0',
    source: 'Ethayarajh et al., arXiv 2402.01306',
    whenToUse: 'When responses are marked good or bad one by one, without a partner.',
    defaults: unpairedDefaults,
    paired: false,
    needsReference: true,
    needsDivergence: true,
    needsRewardShift: false,
    trlTrainer: 'KTOTrainer',
    trlName: 'kto',
  },
  apo_zero: {
    compute: apoZero,
    label: 'APO-zero',
    formula: '1 - s(r_w) + s(r_l)',
    source: "D'Oosterlinck et al., arXiv 2408.06266 (there without the 1)",
    whenToUse: 'When the chosen responses are better than what the model writes now.',
    defaults,
    paired: true,
    needsReference: true,
    needsDivergence: false,
    needsRewardShift: false,
    trlTrainer: 'DPOTrainer',
    trlName: 'apo_zero',
  },
  apo_down: {
    compute: apoDown,
    label: 'APO-down',
    formula: '1 + s(r_w) - s(r_w - r_l)',
    source: "D'Oosterlinck et al., arXiv 2408.06266 (there without the 1)",
    whenToUse: 'When the model already writes better than the chosen responses.',
    defaults,
    paired: true,
    needsReference: true,
    needsDivergence: false,
    needsRewardShift: false,
    trlTrainer: 'DPOTrainer',
    trlName: 'apo_down',
  },
  apo_zero_unpaired: {
    compute: apoZeroUnpaired,
    label: 'APO-zero (unpaired)',
    formula: 'desirable: 1 - s(r); undesirable: s(r)',
    source: "D'Oosterlinck et al., arXiv 2408.06266, as TRL's KTOTrainer does it",
    whenToUse: 'As APO-zero, when responses are marked good or bad one by one, without a partner.',
    defaults: unpairedDefaults,
    paired: false,
    needsReference: true,
    needsDivergence: false,
    needsRewardShift: false,
    trlTrainer: 'KTOTrainer',
    trlName: 'apo_zero_unpaired',
  },
} satisfies Record<ObjectiveId, ObjectiveEntry>;

/**
 * The objective of that name.
 *
 * @throws UnknownNameError with the nearest known name where there is none.
 * @example
 * findObjective('apo_zero').label; // 'APO-zero'
 */
export function findObjective(id: string): ObjectiveEntry {
  if (isObjectiveId(id)) return objectives[id];
  throw new UnknownNameError('objective', id, objectiveIds);
}

/** Whether `id` names an objective of the table (`'toString'` does not). */
export function isObjectiveId(id: string): id is ObjectiveId {
  return Object.hasOwn(objectives, id);
}
