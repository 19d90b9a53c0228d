/** The options of a training run, with their checks. */
import { inspect } from 'node:util';
import { ApolabError, UnknownNameError } from '../core/errors.js';
import type { LanguageModel } from '../model/index.js';
import {
  objectiveOptions,
  resolveObjective,
  type ObjectiveChoice,
  type ObjectiveEntry,
  type ObjectiveOptions,
  type OwnOptions,
} from '../objectives/index.js';
import { schedules, type Schedule } from './learningRate.js';
import type { StepMetrics, UnpairedStepMetrics } from './metrics.js';
import { optimizerSettings, type OptimizerOptions, type OptimizerSettings } from './optimizers.js';
import { trainDefaults } from './trainDefaults.js';

/** The options of `train`. Only `objective` is required. */
export interface TrainOptions<Metrics extends UnpairedStepMetrics = StepMetrics> {
  /** An id of the table of objectives, TRL's `loss_type`, a function from log-probabilities to losses, or the result of `objectives.define`. */
  readonly objective: ObjectiveChoice;
  /** How strongly the policy is held to its reference; above 0. The default depends on the objective. */
  readonly beta?: number;
  /** The objective's other options, such as `labelSmoothing`; an option that the objective does not read is an error. */
  readonly objectiveOptions?: Partial<ObjectiveOptions> | OwnOptions;
  /** The schedule's full rate, 0 or more. */
  readonly learningRate?: number;
  /** Passes over the rows; can be a fraction. */
  readonly epochs?: number;
  /** Steps of the whole run; overrides `epochs`. */
  readonly maxSteps?: number;
  /** Pairs, or unpaired examples, per micro-batch; the last one of an epoch can have fewer. */
  readonly batchSize?: number;
  /** Micro-batches per step; the last step of an epoch can have fewer. */
  readonly gradientAccumulation?: number;
  /** Seed of the order of the rows. */
  readonly seed?: number;
  /** If true, each epoch has a new random order of the rows. */
  readonly shuffle?: boolean;
  /** How the learning rate changes after the warm-up. */
  readonly schedule?: Schedule;
  /** Steps over which the learning rate rises from 0. */
  readonly warmupSteps?: number;
  /** Warm-up as a share of all steps, 0 to 1; used if `warmupSteps` is 0. */
  readonly warmupRatio?: number;
  /** The schedule ends at this share of the learning rate, 0 to 1. */
  readonly minimumRatio?: number;
  /** Gradients are clipped to this norm, taken over all parameters together; Infinity turns clipping off. */
  readonly maxGradientNorm?: number;
  /** A name, or a name with options; AdamW by default. */
  readonly optimizer?: OptimizerOptions;
  /**
   * Most tokens per sequence, 2 or more. Longer sequences are cut at the end; rows whose prompt leaves no room for a response are
   * skipped. Both are counted in the run's `findings`, and TRL does the same. Not given: nothing is cut, and a row with more
   * tokens than the model has positions is an error.
   */
  readonly maxLength?: number;
  /** Evaluates the model during the run. */
  readonly evaluate?: EvaluateOptions<Metrics>;
  /** Ends the run if a metric stops improving. */
  readonly earlyStop?: EarlyStopOptions;
  /** Saves the run at intervals, so that an interrupted run can continue. */
  readonly checkpoint?: CheckpointOptions;
  /**
   * True continues from the newest checkpoint in `checkpoint.folder`, if there is one; a path continues from that checkpoint.
   * Model, rows and options must be those that the run began with.
   */
  readonly resume?: boolean | string;
  /** Folder in which the reference's log-probabilities are cached for all runs on the same model and rows. */
  readonly referenceCache?: string;
  /** Called with the number of rows whose reference log-probabilities are computed. */
  readonly onReference?: (done: number, total: number) => void;
}

/** When and how a run evaluates its model. */
export interface EvaluateOptions<Metrics extends UnpairedStepMetrics = StepMetrics> {
  /** Number of steps between two evaluations, or `epoch` (the default): at the end of each epoch. Always after the last step. */
  readonly every?: number | 'epoch';
  /** Evaluates the model. The returned numbers are added to the step's metrics, with the prefix `eval_`. */
  readonly run: (
    model: LanguageModel,
    step: Metrics,
  ) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
}

/** When and where a run is saved. */
export interface CheckpointOptions {
  /** The folder in which each checkpoint gets its own folder. */
  readonly folder: string;
  /** Steps between two checkpoints; 100 by default. The last step always has one. */
  readonly every?: number;
  /** How many of the newest checkpoints are kept; 2 by default. */
  readonly keep?: number;
}

/** The defaults of `CheckpointOptions`. */
export const checkpointDefaults = { every: 100, keep: 2 } as const;

/** When a run ends early. */
export interface EarlyStopOptions {
  /** Name of a step's metric, such as `loss` or `eval_score`; steps without it are ignored. */
  readonly metric: string;
  /** The run ends after this many values in a row that are not better than the best; 1 or more. */
  readonly patience: number;
  /** `min` if a smaller value is better, `max` if a greater one is. */
  readonly mode: 'min' | 'max';
}

/** Options that do not change a run's numbers. */
const withoutEffectOnNumbers = [
  'evaluate',
  'checkpoint',
  'resume',
  'referenceCache',
  'onReference',
] as const satisfies (keyof TrainOptions)[];

type TrainSettingsDefaults = Required<
  Omit<
    TrainOptions,
    | 'objective'
    | 'beta'
    | 'objectiveOptions'
    | 'maxSteps'
    | 'maxLength'
    | 'earlyStop'
    | (typeof withoutEffectOnNumbers)[number]
  >
>;

/** Complete options: together with the model and the rows they decide a run's numbers. */
export interface TrainSettings extends Omit<TrainSettingsDefaults, 'optimizer'> {
  readonly objective: string;
  /** The text of the function of an own objective; a checkpoint is continued only with the same text. */
  readonly objectiveDefinition?: string;
  readonly objectiveOptions: ObjectiveOptions;
  readonly optimizer: OptimizerSettings;
  readonly maxSteps?: number;
  readonly maxLength?: number;
  readonly earlyStop?: EarlyStopOptions;
}

const isCount = (value: number) => Number.isInteger(value) && value >= 1;
const isNotNegative = (value: number) => Number.isFinite(value) && value >= 0;
const isShare = (value: number) => value >= 0 && value <= 1;

/** The range of each numeric option, as a test and in words. */
const ranges: Readonly<Record<string, readonly [isInRange: (value: number) => boolean, words: string]>> = {
  beta: [(value) => Number.isFinite(value) && value > 0, 'a number above 0'],
  learningRate: [isNotNegative, 'a number of 0 or more'],
  epochs: [(value) => Number.isFinite(value) && value > 0, 'a number above 0'],
  maxSteps: [isCount, 'a whole number of 1 or more'],
  batchSize: [isCount, 'a whole number of 1 or more'],
  gradientAccumulation: [isCount, 'a whole number of 1 or more'],
  seed: [Number.isSafeInteger, 'a whole number'],
  warmupSteps: [(value) => Number.isInteger(value) && value >= 0, 'a whole number of 0 or more'],
  warmupRatio: [isShare, 'a number from 0 to 1'],
  minimumRatio: [isShare, 'a number from 0 to 1'],
  maxGradientNorm: [(value) => value > 0, 'a number above 0 (Infinity: no clipping)'],
  maxLength: [(value) => Number.isInteger(value) && value >= 2, 'a whole number of 2 or more'],
};

/**
 * Fills in the defaults and checks every value.
 *
 * @returns the settings, and the objective's row
 * @throws ApolabError if a value is out of range; it names the option and its range.
 * @throws UnknownNameError if the objective, the optimizer or the schedule is unknown, or an option of the objective or optimizer.
 */
export function trainSettings(options: TrainOptions<never>): TrainSettings & { readonly entry: ObjectiveEntry } {
  const { beta, objectiveOptions: others, objective, ...given } = withoutUndefined(options);
  const entry: ObjectiveEntry = resolveObjective(objective);
  const { definition } = entry;
  const settings = {
    ...trainDefaults,
    ...omit(given, withoutEffectOnNumbers),
    objective: typeof objective === 'string' ? objective : entry.id,
    ...(definition === undefined ? {} : { objectiveDefinition: definition }),
    optimizer: optimizerSettings(given.optimizer),
    objectiveOptions: objectiveOptions(entry, { ...others, ...(beta === undefined ? {} : { beta }) }),
  };
  for (const [name, value] of Object.entries<unknown>({ ...settings, beta: settings.objectiveOptions.beta })) {
    const range = ranges[name];
    if (range === undefined || (typeof value === 'number' && range[0](value))) continue;
    throw new ApolabError(`${name} is ${inspect(value)}; it has to be ${range[1]}.`);
  }
  if (!Object.hasOwn(schedules, settings.schedule)) {
    throw new UnknownNameError('schedule', settings.schedule, Object.keys(schedules));
  }
  if (settings.earlyStop !== undefined && !isCount(settings.earlyStop.patience)) {
    throw new ApolabError(
      `earlyStop.patience is ${settings.earlyStop.patience}; it has to be a whole number of 1 or more.`,
    );
  }
  return { ...settings, entry };
}

/** Removes the options that are undefined: they count as not given. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function omit<T extends object, Key extends keyof T>(object: T, keys: readonly Key[]): Omit<T, Key> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key as Key))) as Omit<T, Key>;
}
