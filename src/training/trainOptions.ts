/** What a training run can be told, under the field's names, with defaults and checks. */
import { inspect } from 'node:util';
import { ApolabError, UnknownNameError } from '../core/errors.js';
import type { LanguageModel } from '../model/index.js';
import { findObjective, type ObjectiveEntry, type ObjectiveId, type ObjectiveOptions } from '../objectives/index.js';
import { schedules, type Schedule } from './learningRate.js';
import type { StepMetrics } from './metrics.js';
import { optimizerSettings, type OptimizerOptions, type OptimizerSettings } from './optimizers.js';
import { trainDefaults } from './trainDefaults.js';

/** Any other text: editors offer the known ids, and a wrong one is told with the nearest of them. */
type OtherName = string & Record<never, never>;

export interface TrainOptions {
  /** An id of the table of objectives. */
  readonly objective: ObjectiveId | OtherName;
  /** Weight of the log-ratios in the objective; its own default where not given. */
  readonly beta?: number;
  /** The objective's other options: label smoothing, weights and so on. */
  readonly objectiveOptions?: Partial<ObjectiveOptions>;
  readonly learningRate?: number;
  readonly epochs?: number;
  /** Steps of the whole run, whatever `epochs` says. */
  readonly maxSteps?: number;
  /** Pairs a micro-batch; the last of an epoch takes what is left. */
  readonly batchSize?: number;
  /** Micro-batches a step; the last step of an epoch takes what is left. */
  readonly gradientAccumulation?: number;
  readonly seed?: number;
  /** Draw a new order of the pairs each epoch. */
  readonly shuffle?: boolean;
  readonly schedule?: Schedule;
  readonly warmupSteps?: number;
  /** Share of all steps over which the rate rises, where `warmupSteps` is 0. */
  readonly warmupRatio?: number;
  /** The schedule falls to this share of the learning rate and no further. */
  readonly minimumRatio?: number;
  /** Gradients are scaled down together to this norm. */
  readonly maxGradientNorm?: number;
  readonly optimizer?: OptimizerOptions;
  /**
   * Tokens a sequence: a longer one loses its end, a pair whose prompt alone fills it is left out (both as TRL does, and
   * both counted in the run's `findings`). Not given: nothing is cut, and a pair longer than the model's positions is an error.
   */
  readonly maxLength?: number;
  readonly evaluate?: EvaluateOptions;
  readonly earlyStop?: EarlyStopOptions;
  /** Saves the run every so often, so that it can go on after whatever ended it. */
  readonly checkpoint?: CheckpointOptions;
  /**
   * Goes on from the newest checkpoint in `checkpoint.folder`, where there is one, or from the checkpoint named; the model,
   * the pairs and the options have to be those that the run began with.
   */
  readonly resume?: boolean | string;
  /** Folder where the reference's log-probabilities are kept, by fingerprint, for every run on the same model and pairs. */
  readonly referenceCache?: string;
  /** Told how many pairs' reference log-probabilities are computed. */
  readonly onReference?: (done: number, total: number) => void;
}

export interface EvaluateOptions {
  /** Every so many steps, and after the last one; `epoch`, the default, at each epoch's end. */
  readonly every?: number | 'epoch';
  /** Looks at the model; what it returns joins the step's metrics, each name with `eval_` before it. */
  readonly run: (
    model: LanguageModel,
    step: StepMetrics,
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

export interface EarlyStopOptions {
  /** A step's metric by its name (`loss`, `eval_score`); steps without it do not count. */
  readonly metric: string;
  /** How many values in a row may be no better than the best before the run ends. */
  readonly patience: number;
  /** Whether a smaller or a greater value is better. */
  readonly mode: 'min' | 'max';
}

/** Options that say where and when, not what: they do not change a run's numbers. */
const besides = [
  'evaluate',
  'checkpoint',
  'resume',
  'referenceCache',
  'onReference',
] as const satisfies (keyof TrainOptions)[];

type TrainSettingsDefaults = Required<
  Omit<
    TrainOptions,
    'objective' | 'beta' | 'objectiveOptions' | 'maxSteps' | 'maxLength' | 'earlyStop' | (typeof besides)[number]
  >
>;

/** Options with nothing left open: what decides a run's numbers, together with its model and its pairs. */
export interface TrainSettings extends Omit<TrainSettingsDefaults, 'optimizer'> {
  readonly objective: string;
  readonly objectiveOptions: ObjectiveOptions;
  readonly optimizer: OptimizerSettings;
  readonly maxSteps?: number;
  readonly maxLength?: number;
  readonly earlyStop?: EarlyStopOptions;
}

const isCount = (value: number) => Number.isInteger(value) && value >= 1;
const isNotNegative = (value: number) => Number.isFinite(value) && value >= 0;
const isShare = (value: number) => value >= 0 && value <= 1;

/** What each number may be, and how that is said. */
const rules: Readonly<Record<string, readonly [right: (value: number) => boolean, words: string]>> = {
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
 * @throws ApolabError that says which option is wrong and what it may be.
 * @throws UnknownNameError for an objective, optimizer or schedule that is none.
 */
export function trainSettings(options: TrainOptions): TrainSettings & { readonly entry: ObjectiveEntry } {
  const { beta, objectiveOptions, ...given } = withoutUndefined(options);
  const entry: ObjectiveEntry = findObjective(options.objective);
  const settings = {
    ...trainDefaults,
    ...omit(given, besides),
    optimizer: optimizerSettings(given.optimizer),
    objectiveOptions: { ...entry.defaults, ...objectiveOptions, ...(beta === undefined ? {} : { beta }) },
  };
  for (const [name, value] of Object.entries<unknown>({ ...settings, beta: settings.objectiveOptions.beta })) {
    const rule = rules[name];
    if (rule === undefined || (typeof value === 'number' && rule[0](value))) continue;
    throw new ApolabError(`${name} is ${inspect(value)}; it has to be ${rule[1]}.`);
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

/** An option given as undefined is as good as one that isn't given. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function omit<T extends object, Key extends keyof T>(object: T, keys: readonly Key[]): Omit<T, Key> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key as Key))) as Omit<T, Key>;
}
