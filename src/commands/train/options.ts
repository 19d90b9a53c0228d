/** The options of `apolab train`, and what the library makes of them. */
import path from 'node:path';
import { schedules } from '../../training/learningRate.js';
import { adamWDefaults, optimizerDefaults, trainDefaults } from '../../training/trainDefaults.js';
import type {
  OptimizerId,
  OptimizerOptions,
  Schedule,
  TrainOptions,
  UnpairedStepMetrics,
} from '../../training/index.js';
import { type OptionRow, type OptionsOf, optionTable, pickOptions } from '../options/optionTable.js';
import { oneOf, parseCount, parseNumber, parseWholeNumber } from '../options/parseValues.js';
import { backendOption, modelOption, pairsOption } from '../options/sharedOptions.js';
import { objectiveHelp, objectiveOptions } from './objectiveOptions.js';
import { runFiles } from './runFolder.js';

const scheduleIds = Object.keys(schedules) as Schedule[];
const optimizerIds = Object.keys(optimizerDefaults) as OptimizerId[];

/** Options that the library takes under the same names. It checks their ranges and has their defaults. */
const libraryOptions = {
  learningRate: {
    value: '<number>',
    help: 'largest rate of the schedule',
    parse: parseNumber,
    shownDefault: trainDefaults.learningRate,
  },
  batchSize: {
    value: '<rows>',
    help: 'pairs or unpaired rows per micro-batch',
    parse: parseNumber,
    shownDefault: trainDefaults.batchSize,
  },
  gradientAccumulation: {
    value: '<count>',
    help: 'micro-batches per step',
    parse: parseNumber,
    shownDefault: trainDefaults.gradientAccumulation,
  },
  epochs: {
    value: '<number>',
    help: 'passes over all rows',
    parse: parseNumber,
    shownDefault: trainDefaults.epochs,
  },
  maxSteps: { value: '<count>', help: 'steps of the whole run; replaces --epochs', parse: parseNumber },
  seed: {
    value: '<number>',
    help: "seed of the rows' order and of an adapter",
    parse: parseWholeNumber,
    shownDefault: trainDefaults.seed,
  },
  shuffle: { negated: true, help: 'keep the order of the file' },
  schedule: {
    value: '<name>',
    help: scheduleIds.join(', '),
    parse: oneOf('schedule', scheduleIds),
    shownDefault: trainDefaults.schedule,
  },
  warmupRatio: {
    value: '<share>',
    help: 'share of the steps over which the rate rises',
    parse: parseNumber,
    shownDefault: trainDefaults.warmupRatio,
  },
  warmupSteps: {
    value: '<count>',
    help: 'steps over which the rate rises; replaces --warmup-ratio',
    parse: parseNumber,
  },
  // TRL's default.
  maxLength: { value: '<tokens>', help: 'tokens that a sequence is cut to', parse: parseCount, default: 1024 },
} as const satisfies Partial<Record<keyof TrainOptions, OptionRow>>;

const optimizerOptions = optionTable({
  optimizer: {
    value: '<name>',
    help: optimizerIds.join(', '),
    parse: oneOf('optimizer', optimizerIds),
    default: trainDefaults.optimizer.name,
  },
  weightDecay: {
    value: '<number>',
    help: "the optimizer's weight decay",
    parse: parseNumber,
    shownDefault: adamWDefaults.weightDecay,
  },
  adamBeta1: {
    value: '<share>',
    help: "decay of AdamW's mean of the gradient",
    parse: parseNumber,
    shownDefault: adamWDefaults.beta1,
  },
  adamBeta2: {
    value: '<share>',
    help: "decay of AdamW's mean of the squared gradient",
    parse: parseNumber,
    shownDefault: adamWDefaults.beta2,
  },
  adamEpsilon: {
    value: '<number>',
    help: "added to AdamW's denominator",
    parse: parseNumber,
    shownDefault: adamWDefaults.epsilon,
  },
  maxGradNorm: {
    value: '<number>',
    help: 'largest norm of the gradients; larger ones are scaled down',
    parse: parseNumber,
    shownDefault: trainDefaults.maxGradientNorm,
  },
});

const runOptions = optionTable({
  loraRank: {
    value: '<rank>',
    help: 'train an adapter of this rank instead of the whole model',
    parse: parseCount,
  },
  loraAlpha: {
    value: '<number>',
    help: "the adapter's scale times its rank",
    parse: parseNumber,
    shownDefault: 'twice the rank',
  },
  saveSteps: { value: '<count>', help: 'steps between two checkpoints', parse: parseCount, default: 100 },
  saveTotalLimit: {
    value: '<count>',
    help: 'how many checkpoints are kept, the newest',
    parse: parseCount,
    default: 2,
  },
  referenceCache: {
    value: '<folder>',
    help: "folder of the reference's log-probabilities",
    shownDefault: `${runFiles.references} in --out`,
  },
  fresh: { help: 'start from step 1: remove what an earlier run left in --out' },
  ...backendOption,
  json: { help: 'print one object per step, numbers unrounded, under the names that TRL logs' },
});

/** The options of the command. */
export const trainFlags = optionTable({
  ...modelOption,
  pairs: {
    ...pairsOption.pairs,
    help: `${pairsOption.pairs.help}; or unpaired rows: prompt, completion, label (true: desirable)`,
  },
  objective: { value: '<id>', help: objectiveHelp, required: true },
  out: { value: '<folder>', help: 'folder of the run: checkpoints, and at the end the model', required: true },
  ...objectiveOptions,
  ...libraryOptions,
  ...optimizerOptions,
  ...runOptions,
});

/** What the parser makes of `trainFlags`. */
export type TrainFlags = OptionsOf<typeof trainFlags>;

/**
 * The library's options for a run in the folder `out`, which continues if the folder holds a checkpoint.
 *
 * @param out absolute path
 */
export function toTrainOptions(flags: TrainFlags, out: string): TrainOptions<UnpairedStepMetrics> {
  const { objective, maxGradNorm, saveSteps, saveTotalLimit, referenceCache } = flags;
  return {
    ...pickOptions(flags, libraryOptions),
    objective,
    objectiveOptions: pickOptions(flags, objectiveOptions),
    optimizer: toOptimizerOptions(flags),
    ...(maxGradNorm === undefined ? {} : { maxGradientNorm: maxGradNorm }),
    checkpoint: { folder: out, every: saveSteps, keep: saveTotalLimit },
    resume: true,
    referenceCache: path.resolve(referenceCache ?? path.join(out, runFiles.references)),
  };
}

/** Only what was given: an option that the optimizer does not have is an error, not a default to be ignored. */
function toOptimizerOptions({ optimizer, weightDecay, adamBeta1, adamBeta2, adamEpsilon }: TrainFlags) {
  const given = { name: optimizer, weightDecay, beta1: adamBeta1, beta2: adamBeta2, epsilon: adamEpsilon };
  // The library refuses a combination of name and options that its type excludes.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as OptimizerOptions;
}
