/** The table of optimizers. A new optimizer is a row here and its defaults in trainDefaults.ts. */
import { UnknownNameError } from '../core/errors.js';
import type { TrainableParameters } from '../model/index.js';
import { adamW } from './adamW.js';
import type { Optimizer } from './optimizer.js';
import { rmsProp } from './rmsProp.js';
import {
  adamWDefaults,
  rmsPropDefaults,
  type AdamWOptions,
  type OptimizerId,
  type RMSpropOptions,
} from './trainDefaults.js';

interface OptionsOf extends Readonly<Record<OptimizerId, object>> {
  readonly adamw: AdamWOptions;
  readonly rmsprop: RMSpropOptions;
}

interface OptimizerEntry<Options> {
  readonly create: (parameters: TrainableParameters, options: Options) => Optimizer;
  readonly defaults: Options;
  /** The publication that describes the algorithm. */
  readonly source: string;
}

/** The table of optimizers, by their PyTorch names in lower case. */
export const optimizers: { readonly [Id in OptimizerId]: OptimizerEntry<OptionsOf[Id]> } = {
  adamw: { create: adamW, defaults: adamWDefaults, source: 'Loshchilov and Hutter, arXiv 1711.05101' },
  rmsprop: { create: rmsProp, defaults: rmsPropDefaults, source: 'Hinton, lecture 6e; torch.optim.RMSprop' },
};

/**
 * An optimizer's name, or its name with options that differ from the defaults. Without a name it is AdamW.
 *
 * @example
 * const optimizer: OptimizerOptions = { name: 'rmsprop', momentum: 0.9 };
 */
export type OptimizerOptions =
  | OptimizerId
  | ({ readonly name?: 'adamw' } & Partial<AdamWOptions>)
  | ({ readonly name: 'rmsprop' } & Partial<RMSpropOptions>);

/** An optimizer's name with all of its options. */
export type OptimizerSettings = { [Id in OptimizerId]: { readonly name: Id } & OptionsOf[Id] }[OptimizerId];

/**
 * Fills in an optimizer's defaults.
 *
 * @throws UnknownNameError if the optimizer is unknown, or does not have an option.
 */
export function optimizerSettings(options: OptimizerOptions = {}): OptimizerSettings {
  const { name = 'adamw', ...given }: { readonly name?: OptimizerId } =
    typeof options === 'string' ? { name: options } : options;
  if (!Object.hasOwn(optimizers, name)) throw new UnknownNameError('optimizer', name, Object.keys(optimizers));
  const { defaults } = optimizers[name];
  const wrong = Object.keys(given).find((option) => !Object.hasOwn(defaults, option));
  if (wrong !== undefined) throw new UnknownNameError(`option of ${name}`, wrong, Object.keys(defaults));
  return { name, ...defaults, ...given } as OptimizerSettings;
}

/** How many running values an optimizer keeps per parameter. */
export function optimizerSlots(settings: OptimizerSettings): number {
  return settings.name === 'rmsprop' && settings.momentum === 0 ? 1 : 2;
}

/** Creates the optimizer of the settings for these parameters. */
export function createOptimizer(parameters: TrainableParameters, settings: OptimizerSettings): Optimizer {
  // Settings with a row's name have that row's options.
  return optimizers[settings.name].create(parameters, settings as never);
}
