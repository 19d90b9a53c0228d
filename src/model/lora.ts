/** LoRA on a model: adding an adapter, merging it into the weights, leaving it out for the reference. */
import { ApolabError, UnknownNameError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { tf } from '../tensor/index.js';
import { adapterScale, mergedTensor, partOf, type Adapter } from './adapter.js';
import { LanguageModel } from './languageModel.js';
import {
  adapterName,
  layerMaps,
  layerModule,
  variable,
  type Parameters,
  type TrainableParameters,
} from './parameters.js';

/** The linear maps that an adapter can change, by the last part of their names. */
export const adapterTargets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
/** A linear map that an adapter can change. */
export type AdapterTarget = (typeof adapterTargets)[number];

/** Options of `addAdapter`. */
export interface AdapterOptions {
  /** Rank of the product `B A`; 8 by default, as in PEFT. */
  readonly rank?: number;
  /** Numerator of the scale `alpha / rank`; twice the rank by default. */
  readonly alpha?: number;
  /** The linear maps that the adapter changes; all seven by default. */
  readonly targets?: readonly AdapterTarget[];
  /** If true, the scale is `alpha / sqrt(rank)` (PEFT's use_rslora). */
  readonly rankStabilized?: boolean;
  /** Seed of the initial A matrices; 0 by default. */
  readonly seed?: number;
}

/**
 * The model with a new adapter: A is uniform in `+-1 / sqrt(in)` and B is zero, as in PEFT, so the model computes the same as
 * before. Training then changes the adapter only. Both models share the base weights: disposing of one disposes of the other.
 *
 * @throws ApolabError if the model already has an adapter, or an option is out of range.
 *
 * @example
 * const policy = models.addAdapter(base, { rank: 16, targets: ['q_proj', 'v_proj'] });
 */
export function addAdapter(model: LanguageModel, options: AdapterOptions = {}): LanguageModel {
  const { rank = 8, targets = adapterTargets, rankStabilized = false, seed = 0 } = options;
  const { alpha = 2 * rank } = options;
  if (!Number.isInteger(rank) || rank <= 0) throw new ApolabError(`rank is ${rank}, expected a positive whole number.`);
  if (!(alpha > 0 && Number.isFinite(alpha))) throw new ApolabError(`alpha is ${alpha}, expected a number above 0.`);
  if (targets.length === 0) throw new ApolabError(`targets is empty, expected some of ${adapterTargets.join(', ')}.`);
  const unknown = targets.find((target) => !adapterTargets.includes(target));
  if (unknown !== undefined) throw new UnknownNameError('target of an adapter', unknown, adapterTargets);
  const tensors: Record<string, tf.Variable> = {};
  for (let layer = 0; layer < model.config.layers; layer++) {
    for (const [part, { shape }] of Object.entries(layerMaps(model.config))) {
      if (!targets.some((target) => part.endsWith(`.${target}`))) continue;
      const [outputs, inputs] = shape;
      const [a, b] = [adapterName(layerModule(layer, part), 'A'), adapterName(layerModule(layer, part), 'B')];
      const random = createRandom(seed, 'adapter', a);
      const bound = 1 / Math.sqrt(inputs);
      const draw = () => bound * (2 * random.uniform() - 1);
      tensors[a] = variable(Float32Array.from({ length: rank * inputs }, draw), [rank, inputs]);
      tensors[b] = variable(new Float32Array(outputs * rank), [outputs, rank]);
    }
  }
  return withAdapter(model, { rank, alpha, rankStabilized }, tensors);
}

/**
 * The model with these adapter tensors, which are not copied; they have PEFT's names.
 *
 * @throws ApolabError if the model already has an adapter.
 */
export function withAdapter(model: LanguageModel, adapter: Adapter, tensors: TrainableParameters): LanguageModel {
  if (model.adapter !== undefined) {
    throw new ApolabError('The model already has an adapter; merge it first (mergeAdapter), or start from the base.');
  }
  return new LanguageModel(
    { ...model.config, adapterScale: adapterScale(adapter) },
    { ...model.parameters, ...tensors },
    model.tokenizer,
    model.name,
    model.generationConfig,
    adapter,
  );
}

/**
 * A model without an adapter that computes the same: every adapted weight is `W + scale B A`. The other tensors are shared with
 * the given model.
 *
 * @throws ApolabError if the model has no adapter.
 *
 * @example
 * const policy = models.addAdapter(base, { rank: 16 });
 * await models.mergeAdapter(policy).save('policy-merged');
 */
export function mergeAdapter(model: LanguageModel): LanguageModel {
  const { adapter, parameters } = model;
  if (adapter === undefined) throw new ApolabError('The model has no adapter, so there is nothing to merge.');
  const { adapterScale: scale = 1, ...config } = model.config;
  const merged = Object.entries(partOf(parameters, 'base')).map(([name, tensor]) => {
    const isAdapted = parameters[adapterName(name.replace(/\.weight$/, ''), 'A')] !== undefined;
    if (!isAdapted) return [name, tensor] as const;
    const result = mergedTensor(parameters, name, scale);
    const own = tf.variable(result, true);
    result.dispose();
    return [name, own] as const;
  });
  return new LanguageModel(config, Object.fromEntries(merged), model.tokenizer, model.name, model.generationConfig);
}

/** The parameters of an adapter's frozen reference, which is its base; undefined if the model has no adapter. */
export function referenceParameters(model: LanguageModel): Parameters | undefined {
  return model.adapter === undefined ? undefined : partOf(model.parameters, 'base');
}
