/**
 * The catalog of objectives, as pure data. It loads no TensorFlow, so that the command line, charts, help and other programs
 * (`apolab/objectives/catalog`) can read it in milliseconds.
 *
 * A new objective is one file in compute/ and one row here. Ids, types, grid settings, help and charts follow from the row.
 */
import type { CatalogEntry } from './catalogEntry.js';
import type { ObjectiveFunctions, ObjectiveOptions } from './objective.js';

export type { CatalogEntry } from './catalogEntry.js';

/** TRL's name of each option, in the configuration of the objective's own trainer. */
export const trlArguments = {
  beta: 'beta',
  desirableWeight: 'desirable_weight',
  undesirableWeight: 'undesirable_weight',
  labelSmoothing: 'label_smoothing',
  gamma: 'simpo_gamma',
  likelihoodWeight: 'cpo_alpha',
} as const satisfies Partial<Record<keyof ObjectiveOptions, string>>;

const plain = {
  paired: true,
  needsReference: true,
  needsKl: false,
  needsRewardShift: false,
  reduction: 'examples',
} as const;
const single = { ...plain, paired: false } as const;
const referenceFree = { ...plain, needsReference: false } as const;
const weights = { desirableWeight: 1, undesirableWeight: 1 };

/**
 * The rows by id: the five objectives of the paper's table in its order, the paper's sixth, then others with a reference, then
 * others without.
 *
 * @example
 * catalog.apo_zero.label; // 'APO-zero'
 */
export const catalog = {
  sft: {
    ...referenceFree,
    reduction: 'tokens',
    load: async () => (await import('./compute/sft.js')).sft,
    label: 'SFT',
    color: '#8c8c8c',
    formula: '-log pi(y_w|x), mean over response tokens',
    source: 'TRL SFTTrainer with completion_only_loss',
    whenToUse: 'To imitate the chosen responses; the rejected ones are not used.',
    defaults: { beta: 0.1 },
    trlTrainer: 'SFTTrainer',
    trlName: 'sft',
  },
  dpo: {
    ...plain,
    load: async () => (await import('./compute/dpo.js')).dpo,
    label: 'DPO',
    color: '#0072b2',
    formula: '-log s(r_w - r_l); with label smoothing e: -(1 - e) log s(r_w - r_l) - e log s(r_l - r_w)',
    source: 'Rafailov et al., arXiv 2305.18290; smoothing: Mitchell, A note on DPO with noisy preferences, Eq. 3',
    equation: 'Eq. 7',
    whenToUse: 'When only the margin between the responses matters, not the likelihood of either response.',
    defaults: { beta: 0.1, labelSmoothing: 0 },
    trlTrainer: 'DPOTrainer',
    trlName: 'sigmoid',
  },
  kto: {
    ...single,
    load: async () => (await import('./compute/kto.js')).kto,
    label: 'KTO',
    color: '#009e73',
    formula: 'desirable: 1 - s(beta (D - KL)); undesirable: 1 - s(beta (KL - D)); KL detached, >= 0',
    source: 'Ethayarajh et al., arXiv 2402.01306',
    equation: 'Eq. 7',
    whenToUse: 'When single responses are marked good or bad, without pairs.',
    defaults: { beta: 0.1, ...weights },
    needsKl: true,
    trlTrainer: 'KTOTrainer',
    trlName: 'kto',
  },
  apo_zero: {
    ...plain,
    load: async () => (await import('./compute/apoZero.js')).apoZero,
    label: 'APO-zero',
    color: '#d55e00',
    formula: '1 - s(r_w) + s(r_l)',
    source: "D'Oosterlinck et al., arXiv 2408.06266 (there without the 1)",
    equation: 'Eq. 7',
    whenToUse: 'When the chosen responses are better than what the model writes now.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'apo_zero',
  },
  apo_down: {
    ...plain,
    load: async () => (await import('./compute/apoDown.js')).apoDown,
    label: 'APO-down',
    color: '#cc79a7',
    formula: '1 + s(r_w) - s(r_w - r_l)',
    source: "D'Oosterlinck et al., arXiv 2408.06266 (there without the 1)",
    equation: 'Eq. 8',
    whenToUse: 'When the model already writes better than the chosen responses.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'apo_down',
  },
  apo_zero_unpaired: {
    ...single,
    load: async () => (await import('./compute/apoZeroUnpaired.js')).apoZeroUnpaired,
    label: 'APO-zero (unpaired)',
    color: '#e69f00',
    formula: 'desirable: 1 - s(r); undesirable: s(r)',
    source: "D'Oosterlinck et al., arXiv 2408.06266, the unpaired variant of TRL's KTOTrainer",
    whenToUse: 'As APO-zero, when single responses are marked good or bad, without pairs.',
    defaults: { beta: 0.1, ...weights },
    trlTrainer: 'KTOTrainer',
    trlName: 'apo_zero_unpaired',
  },
  dpo_norm: {
    ...plain,
    load: async () => (await import('./compute/dpoNorm.js')).dpoNorm,
    label: 'DPO (length-normalised)',
    color: '#332288',
    formula: '-log s(beta (D_w / |y_w| - D_l / |y_l|))',
    source: 'Lambert et al., Tulu 3, arXiv 2411.15124',
    whenToUse: 'As DPO, when the chosen responses are longer but were not preferred for their length.',
    defaults: { beta: 5, labelSmoothing: 0 },
    trlTrainer: 'DPOTrainer',
    trlName: 'sigmoid_norm',
  },
  robust_dpo: {
    ...plain,
    load: async () => (await import('./compute/robustDpo.js')).robustDpo,
    label: 'Robust DPO',
    color: '#88ccee',
    formula: '(-(1 - e) log s(r_w - r_l) + e log s(r_l - r_w)) / (1 - 2e), e the share of flipped labels',
    source: 'Chowdhury et al., arXiv 2403.00409',
    whenToUse: 'As DPO, when a known share of the pairs has chosen and rejected exchanged.',
    defaults: { beta: 0.1, labelSmoothing: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'robust',
  },
  dpop: {
    ...plain,
    load: async () => (await import('./compute/dpop.js')).dpop,
    label: 'DPOP',
    color: '#44aa99',
    formula: '-log s(beta (D_w - D_l - lambda max(0, -D_w)))',
    source: 'Pal et al., Smaug, arXiv 2402.13228',
    whenToUse: "As DPO, when the responses differ in few tokens and the chosen ones' likelihood must not fall.",
    defaults: { beta: 0.3, labelSmoothing: 0, penaltyWeight: 50 },
  },
  ipo: {
    ...plain,
    load: async () => (await import('./compute/ipo.js')).ipo,
    label: 'IPO',
    color: '#117733',
    formula: '(D_w / |y_w| - D_l / |y_l| - 1 / (2 beta))^2',
    source: 'Azar et al., arXiv 2310.12036, with means per token as in TRL',
    equation: 'Eq. 17',
    whenToUse: 'When DPO overfits: few pairs, or labels that rarely contradict each other.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'ipo',
  },
  bco_pair: {
    ...plain,
    load: async () => (await import('./compute/bcoPair.js')).bcoPair,
    label: 'BCO (paired)',
    color: '#999933',
    formula: '-log s(r_w) - log s(-r_l)',
    source: 'Jung et al., arXiv 2404.04656, on pairs and without its reward shift',
    whenToUse: 'As APO-zero, with a gradient that does not vanish on responses that are far on the wrong side.',
    defaults: { beta: 0.1 },
    trlTrainer: 'DPOTrainer',
    trlName: 'bco_pair',
  },
  bco: {
    ...single,
    load: async () => (await import('./compute/bco.js')).bco,
    label: 'BCO',
    color: '#ddcc77',
    formula: 'desirable: -log s(r - delta); undesirable: -log s(delta - r); delta the running mean of all r, detached',
    source: 'Jung et al., arXiv 2404.04656',
    whenToUse: "When single responses are marked good or bad, and KTO's gradient vanishes on the hard ones.",
    defaults: { beta: 0.1, ...weights },
    needsRewardShift: true,
  },
  cpo: {
    ...referenceFree,
    load: async () => (await import('./compute/cpo.js')).cpo,
    label: 'CPO',
    color: '#cc6677',
    formula: '-log s(beta (log pi(y_w|x) - log pi(y_l|x))) + alpha nll(y_w)',
    source: 'Xu et al., arXiv 2401.08417',
    whenToUse: 'When there is no memory for a reference, and the chosen responses are good enough to imitate.',
    defaults: { beta: 0.1, labelSmoothing: 0, likelihoodWeight: 1 },
    trlTrainer: 'CPOTrainer',
    trlName: 'sigmoid',
  },
  simpo: {
    ...referenceFree,
    load: async () => (await import('./compute/simpo.js')).simpo,
    label: 'SimPO',
    color: '#882255',
    formula: '-log s(beta (log pi(y_w|x) / |y_w| - log pi(y_l|x) / |y_l|) - gamma)',
    source: 'Meng et al., arXiv 2405.14734',
    whenToUse: 'When there is no reference, length must not be rewarded, and the learning rate is small.',
    defaults: { beta: 2, gamma: 1, labelSmoothing: 0, likelihoodWeight: 0 },
    trlTrainer: 'CPOTrainer',
    trlName: 'simpo',
  },
  orpo: {
    ...referenceFree,
    load: async () => (await import('./compute/orpo.js')).orpo,
    label: 'ORPO',
    color: '#aa4499',
    formula: 'nll(y_w) - beta log s(log odds(p_w) - log odds(p_l)), p = exp(log pi(y|x) / |y|), odds(p) = p / (1 - p)',
    source: 'Hong et al., arXiv 2403.07691',
    equation: 'Eqs. 4 and 7',
    whenToUse: 'To align a base model in one stage, without supervised fine-tuning first and without a reference.',
    defaults: { beta: 0.1 },
    trlTrainer: 'ORPOTrainer',
    trlName: 'orpo',
  },
} as const satisfies Readonly<Record<keyof ObjectiveFunctions, CatalogEntry>>;

/** An objective's id: the key of its row. */
export type ObjectiveId = keyof typeof catalog;

/** Every id, in the order of the rows. */
export const objectiveIds = Object.keys(catalog) as readonly ObjectiveId[];

/** True if `id` is the id of a row (`'toString'` is not). */
export function isObjectiveId(id: string): id is ObjectiveId {
  return Object.hasOwn(catalog, id);
}

/**
 * The objective's id for a name: an id, or TRL's `loss_type`. If two trainers share a `loss_type`, the first row wins:
 * `sigmoid` is DPO. Undefined if no objective has that name.
 *
 * @example
 * findObjectiveId('robust'); // 'robust_dpo'
 */
export function findObjectiveId(name: string): ObjectiveId | undefined {
  if (isObjectiveId(name)) return name;
  return objectiveIds.find((id) => (catalog[id] as CatalogEntry).trlName === name);
}
