/** The table of optimizers: a new one is a row, and the trainer, the command line and the tests read it here. */
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
  readonly source: string;
}

/** Every optimizer, under its name in PyTorch written small. */
export const optimizers: { readonly [Id in OptimizerId]: OptimizerEntry<OptionsOf[Id]> } = {
  adamw: { create: adamW, defaults: adamWDefaults, source: 'Loshchilov and Hutter, arXiv 1711.05101' },
  rmsprop: { create: rmsProp, defaults: rmsPropDefaults, source: 'Hinton, lecture 6e; torch.optim.RMSprop' },
};

/**
 * Which optimizer, and what is not as its defaults say: a name, or the name with options. Without a name it is AdamW.
 *
 * @example
 * const optimizer: OptimizerOptions = { name: 'rmsprop', momentum: 0.9 };
 */
export type OptimizerOptions =
  | OptimizerId
  | ({ readonly name?: 'adamw' } & Partial<AdamWOptions>)
  | ({ readonly name: 'rmsprop' } & Partial<RMSpropOptions>);

/** An optimizer's name with every one of its options. */
export type OptimizerSettings = { [Id in OptimizerId]: { readonly name: Id } & OptionsOf[Id] }[OptimizerId];

/** @throws UnknownNameError for a name, or an option, that is in no row of the table. */
export function optimizerSettings(options: OptimizerOptions = {}): OptimizerSettings {
  const { name = 'adamw', ...given }: { readonly name?: OptimizerId } =
    typeof options === 'string' ? { name: options } : options;
  if (!Object.hasOwn(optimizers, name)) throw new UnknownNameError('optimizer', name, Object.keys(optimizers));
  const { defaults } = optimizers[name];
  const wrong = Object.keys(given).find((option) => !Object.hasOwn(defaults, option));
  if (wrong !== undefined) throw new UnknownNameError(`option of ${name}`, wrong, Object.keys(defaults));
  return { name, ...defaults, ...given } as OptimizerSettings;
}

/** The optimizer that the settings ask for, on these parameters. */
export function createOptimizer(parameters: TrainableParameters, settings: OptimizerSettings): Optimizer {
  // A row's function takes its own row's options, which settings with that name are.
  return optimizers[settings.name].create(parameters, settings as never);
}
