/**
 * The objectives, as one table: what enumerates them (grid, notebook, export, help, tests) reads it here.
 *
 * Losses follow TRL's convention (APO's are the paper's plus 1), so a logged loss can be laid beside TRL's.
 */
import { UnknownNameError } from '../errors.js';
import { apoDown } from './apoDown.js';
import { apoZero } from './apoZero.js';
import { apoZeroUnpaired } from './apoZeroUnpaired.js';
import { bco } from './bco.js';
import { bcoPair } from './bcoPair.js';
import { cpo } from './cpo.js';
import { dpo } from './dpo.js';
import { dpoNorm } from './dpoNorm.js';
import { dpop } from './dpop.js';
import { ipo } from './ipo.js';
import { kto } from './kto.js';
import type { Objective, ObjectiveOptions } from './objective.js';
import { orpo } from './orpo.js';
import { robustDpo } from './robustDpo.js';
import { sft } from './sft.js';
import { simpo } from './simpo.js';

export type { Objective, ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from './objective.js';
export { rewardMargins, rewards } from './rewards.js';

/** The paper's five objectives, in the order of its table's columns. */
export const gridObjectiveIds = ['sft', 'dpo', 'kto', 'apo_zero', 'apo_down'] as const;
export type GridObjectiveId = (typeof gridObjectiveIds)[number];

/** Every objective: the grid's, the paper's sixth, and those beyond the paper, with a reference and then without. */
export const objectiveIds = [
  ...gridObjectiveIds,
  'apo_zero_unpaired',
  'dpo_norm',
  'robust_dpo',
  'dpop',
  'ipo',
  'bco_pair',
  'bco',
  'cpo',
  'simpo',
  'orpo',
] as const;
export type ObjectiveId = (typeof objectiveIds)[number];

/** One row of the table: the function and all that documentation, grid, trainer and export need to know of it. */
export interface ObjectiveEntry {
  readonly compute: Objective;
  /** As its paper writes its name. */
  readonly label: string;
  /** The loss of one example, in the notation of objective.ts. */
  readonly formula: string;
  readonly source: string;
  readonly whenToUse: string;
  /** Every option that the objective reads, with the value it has where nobody gives one. */
  readonly defaults: ObjectiveOptions;
  /** Whether a loss belongs to a pair (`[pairs]`) or to a single response (`[2 * pairs]`, chosen first). */
  readonly paired: boolean;
  /** Whether the loss itself depends on the reference. SFT's does not, but its logged rewards do. */
  readonly needsReference: boolean;
  /** Whether `logProbs.divergence` has to be there. */
  readonly needsDivergence: boolean;
  /** Whether `logProbs.rewardShift` has to be there. */
  readonly needsRewardShift: boolean;
  /** The class of TRL 1.16 (CPO's and ORPO's are in `trl.experimental`); none where TRL has no such objective. */
  readonly trlTrainer?: 'SFTTrainer' | 'DPOTrainer' | 'KTOTrainer' | 'CPOTrainer' | 'ORPOTrainer';
  /** TRL's `loss_type`; `sft` and `orpo`, whose trainers need none, stand for themselves. */
  readonly trlName?: string;
}

/** What TRL calls an option, in the configuration of the objective's own trainer. */
export const trlArguments = {
  beta: 'beta',
  desirableWeight: 'desirable_weight',
  undesirableWeight: 'undesirable_weight',
  labelSmoothing: 'label_smoothing',
  gamma: 'simpo_gamma',
  likelihoodWeight: 'cpo_alpha',
} as const satisfies Partial<Record<keyof ObjectiveOptions, string>>;

const plain = { paired: true, needsReference: true, needsDivergence: false, needsRewardShift: false } as const;
const single = { ...plain, paired: false } as const;
const referenceFree = { ...plain, needsReference: false } as const;
const weights = { desirableWeight: 1, undesirableWeight: 1 };

/**
 * The table of objectives, by id.
 *
 * @example
 * const { losses, chosenRewards } = objectives.apo_zero.compute(logProbs, objectives.apo_zero.defaults);
 * tf.mean(losses).print(); // 0.537883 (log-ratios 10 and -10); 1 while policy and reference agree
 */
export const objectives = {
  sft: {
    ...referenceFree,
    compute: sft,
    label: 'SFT',
    formula: '-log pi(y_w|x), mean over response tokens',
    source: 'TRL SFTTrainer with completion_only_loss',
    whenToUse: 'To imitate the chosen responses; the rejected ones are not used.',
    defaults: { beta: 0.1 },
    trlTrainer: 'SFTTrainer',
    trlName: 'sft',
  },
  dpo: {
    ...plain,
    compute: dpo,
    label: 'DPO',
    formula: '-log s(r_w - r_l); with label smoothing e: -(1 - e) log s(r_w - r_l) - e log s(r_l - r_w)',
    source: 'Rafailov et al., arXiv 2305.18290; smoothing: Mitchell, A note on DPO with noisy preferences',
    whenToUse: 'When only the margin between the responses matters, not where either likelihood goes.',
    defaults: { beta: 0.1, labelSmoothing: 0 },
    trlTrainer: 'DPOTrainer',
    trlName: 'sigmoid',
  },
  kto: {
    ...single,
    compute: kto,
    label: 'KTO',
    formula: 'desirable: 1 - s(beta (D - KL)); undesirable: 1 - s(beta (KL - D)); KL detached, >= 0',
    source: 'Ethayarajh et al., arXiv 2402.01306',
    whenToUse: 'When responses are marked good or bad one by one, without a partner.',
    defaults: { beta: 0.1, ...weights },
    needsDivergence: true,
    trlTrainer: 'KTOTrainer',
    trlName: 'kto',
  },
  apo_zero: {
    ...plain,
    compute: apoZero,
    label: 'APO-zero',
    formula: '1 - s(r_w) + s(r_l)',
    source: "D'Oosterlinck et al., arXiv 2408.06266 (there without the 1)",
    whenToUse: 'When the chosen responses are better than what the model writes now.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'apo_zero',
  },
  apo_down: {
    ...plain,
    compute: apoDown,
    label: 'APO-down',
    formula: '1 + s(r_w) - s(r_w - r_l)',
    source: "D'Oosterlinck et al., arXiv 2408.06266 (there without the 1)",
    whenToUse: 'When the model already writes better than the chosen responses.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'apo_down',
  },
  apo_zero_unpaired: {
    ...single,
    compute: apoZeroUnpaired,
    label: 'APO-zero (unpaired)',
    formula: 'desirable: 1 - s(r); undesirable: s(r)',
    source: "D'Oosterlinck et al., arXiv 2408.06266, as TRL's KTOTrainer does it",
    whenToUse: 'As APO-zero, when responses are marked good or bad one by one, without a partner.',
    defaults: { beta: 0.1, ...weights },
    trlTrainer: 'KTOTrainer',
    trlName: 'apo_zero_unpaired',
  },
  dpo_norm: {
    ...plain,
    compute: dpoNorm,
    label: 'DPO (length-normalised)',
    formula: '-log s(beta (D_w / |y_w| - D_l / |y_l|))',
    source: 'Lambert et al., Tulu 3, arXiv 2411.15124',
    whenToUse: 'As DPO, when the chosen responses are longer and length is not what was preferred.',
    defaults: { beta: 5, labelSmoothing: 0 },
    trlTrainer: 'DPOTrainer',
    trlName: 'sigmoid_norm',
  },
  robust_dpo: {
    ...plain,
    compute: robustDpo,
    label: 'Robust DPO',
    formula: '(-(1 - e) log s(r_w - r_l) + e log s(r_l - r_w)) / (1 - 2e), e the share of flipped labels',
    source: 'Chowdhury et al., arXiv 2403.00409',
    whenToUse: 'As DPO, when a known share of the pairs is labelled the wrong way round.',
    defaults: { beta: 0.1, labelSmoothing: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'robust',
  },
  dpop: {
    ...plain,
    compute: dpop,
    label: 'DPOP',
    formula: '-log s(beta (D_w - D_l - lambda max(0, -D_w)))',
    source: 'Pal et al., Smaug, arXiv 2402.13228',
    whenToUse: "As DPO, when the responses differ in few tokens and the chosen ones' likelihood must not fall.",
    defaults: { beta: 0.3, labelSmoothing: 0, penaltyWeight: 50 },
  },
  ipo: {
    ...plain,
    compute: ipo,
    label: 'IPO',
    formula: '(D_w / |y_w| - D_l / |y_l| - 1 / (2 beta))^2',
    source: 'Azar et al., arXiv 2310.12036, with means a token as TRL has them',
    whenToUse: 'When DPO overfits: few pairs, or labels that hardly ever contradict each other.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'ipo',
  },
  bco_pair: {
    ...plain,
    compute: bcoPair,
    label: 'BCO (paired)',
    formula: '-log s(r_w) - log s(-r_l)',
    source: 'Jung et al., arXiv 2404.04656, on pairs and without its reward shift',
    whenToUse: 'As APO-zero, with a gradient that does not vanish on responses that are far on the wrong side.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'bco_pair',
  },
  bco: {
    ...single,
    compute: bco,
    label: 'BCO',
    formula: 'desirable: -log s(r - delta); undesirable: -log s(delta - r); delta the running mean of all r, detached',
    source: 'Jung et al., arXiv 2404.04656',
    whenToUse: 'When responses are marked good or bad one by one, and KTO lets go of the hard ones.',
    defaults: { beta: 0.1, ...weights },
    needsRewardShift: true,
  },
  cpo: {
    ...referenceFree,
    compute: cpo,
    label: 'CPO',
    formula: '-log s(beta (log pi(y_w|x) - log pi(y_l|x))) + alpha nll(y_w)',
    source: 'Xu et al., arXiv 2401.08417',
    whenToUse: 'When memory has no room for a reference, and imitating the chosen responses is right as well.',
    defaults: { beta: 0.1, labelSmoothing: 0, likelihoodWeight: 1 },
    trlTrainer: 'CPOTrainer',
    trlName: 'sigmoid',
  },
  simpo: {
    ...referenceFree,
    compute: simpo,
    label: 'SimPO',
    formula: '-log s(beta (log pi(y_w|x) / |y_w| - log pi(y_l|x) / |y_l|) - gamma)',
    source: 'Meng et al., arXiv 2405.14734',
    whenToUse: 'When there is no reference, length must not pay, and a small learning rate can hold the model.',
    defaults: { beta: 2, gamma: 1, labelSmoothing: 0, likelihoodWeight: 0 },
    trlTrainer: 'CPOTrainer',
    trlName: 'simpo',
  },
  orpo: {
    ...referenceFree,
    compute: orpo,
    label: 'ORPO',
    formula: 'nll(y_w) - beta log s(log odds(p_w) - log odds(p_l)), p = exp(log pi(y|x) / |y|), odds(p) = p / (1 - p)',
    source: 'Hong et al., arXiv 2403.07691',
    whenToUse: 'To align a base model in one step, without fine-tuning it first and without a reference.',
    defaults: { beta: 0.1 },
    trlTrainer: 'ORPOTrainer',
    trlName: 'orpo',
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
