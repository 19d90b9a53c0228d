/**
 * The parameters of a model: a flat record keyed by Hugging Face's tensor names, so a checkpoint goes in and out as it lies.
 * A linear map's weight is `[out, in]`, as PyTorch stores it.
 */
import { ApolabError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { tf } from '../tensor/index.js';
import type { Checkpoint } from './checkpoint.js';
import type { ModelConfig } from './config.js';

export type Parameters = Readonly<Record<string, tf.Tensor>>;
export type TrainableParameters = Readonly<Record<string, tf.Variable>>;

export const embeddingModule = 'model.embed_tokens';
export const headModule = 'lm_head';
export const embeddingName = `${embeddingModule}.weight`;
export const finalNormName = 'model.norm.weight';
export const headName = `${headModule}.weight`;
export const layerModule = (layer: number, part: string) => `model.layers.${layer}.${part}`;
export const layerName = (layer: number, part: string) => `${layerModule(layer, part)}.weight`;
/** What the names of an adapter's tensors begin with. */
export const adapterPrefix = 'base_model.model.';
/** A LoRA adapter's tensor for a linear map, by PEFT's name. */
export const adapterName = (module: string, factor: 'A' | 'B') => `${adapterPrefix}${module}.lora_${factor}.weight`;

/** The linear maps of a layer, `[out, in]`, by the names of their parts; which bias switch each follows. */
export function layerMaps(config: ModelConfig) {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headSize } = config;
  const [queryWidth, keyValueWidth] = [heads * headSize, keyValueHeads * headSize];
  return {
    'self_attn.q_proj': { shape: [queryWidth, hiddenSize], bias: 'queryKeyValue' },
    'self_attn.k_proj': { shape: [keyValueWidth, hiddenSize], bias: 'queryKeyValue' },
    'self_attn.v_proj': { shape: [keyValueWidth, hiddenSize], bias: 'queryKeyValue' },
    'self_attn.o_proj': { shape: [hiddenSize, queryWidth], bias: 'output' },
    'mlp.gate_proj': { shape: [intermediateSize, hiddenSize], bias: 'mlp' },
    'mlp.up_proj': { shape: [intermediateSize, hiddenSize], bias: 'mlp' },
    'mlp.down_proj': { shape: [hiddenSize, intermediateSize], bias: 'mlp' },
  } as const satisfies Record<string, { shape: readonly [number, number]; bias: 'queryKeyValue' | 'output' | 'mlp' }>;
}

/** Every tensor that a model of this shape has, with its shape, in the order of the forward pass. */
export function parameterShapes(config: ModelConfig): Record<string, number[]> {
  const { hiddenSize, vocabularySize, biases, headSize } = config;
  const shapes: Record<string, number[]> = { [embeddingName]: [vocabularySize, hiddenSize] };
  const maps = Object.entries(layerMaps(config));
  for (let layer = 0; layer < config.layers; layer++) {
    const addMaps = (block: string) => {
      for (const [part, { shape, bias }] of maps.filter(([name]) => name.startsWith(block))) {
        shapes[layerName(layer, part)] = [...shape];
        if (biases?.[bias] === true) shapes[`${layerModule(layer, part)}.bias`] = [shape[0]];
      }
    };
    shapes[layerName(layer, 'input_layernorm')] = [hiddenSize];
    addMaps('self_attn');
    if (config.queryKeyNorm === true) {
      shapes[layerName(layer, 'self_attn.q_norm')] = [headSize];
      shapes[layerName(layer, 'self_attn.k_norm')] = [headSize];
    }
    shapes[layerName(layer, 'post_attention_layernorm')] = [hiddenSize];
    addMaps('mlp');
  }
  shapes[finalNormName] = [hiddenSize];
  if (!config.tiedEmbeddings) shapes[headName] = [vocabularySize, hiddenSize];
  return shapes;
}

/**
 * Reads every tensor that the configuration asks for, one at a time, as trainable variables.
 *
 * @throws ApolabError that names the tensor, where one is missing, has another shape, holds what is no finite number, or is
 * one that the configuration does not know; nothing stays in memory then.
 */
export async function loadParameters(config: ModelConfig, checkpoint: Checkpoint): Promise<TrainableParameters> {
  const { where, tensors } = checkpoint;
  const shapes = parameterShapes(config);
  for (const [name, shape] of Object.entries(shapes)) {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new ApolabError(
        `${where} has no tensor '${name}', which config.json asks for. Save the model again, or take the config.json that belongs to it.`,
      );
    }
    if (found.shape.join() !== shape.join()) {
      throw new ApolabError(
        `${where}: '${name}' has shape [${found.shape.join(', ')}], but config.json asks for [${shape.join(', ')}].`,
      );
    }
  }
  const unknown = [...tensors.keys()].filter((name) => !Object.hasOwn(shapes, name) && !isHarmless(config, name));
  if (unknown.length > 0) {
    throw new ApolabError(
      `${where} holds ${unknown.length === 1 ? 'a tensor' : `${unknown.length} tensors`} that config.json knows nothing ` +
        `of: '${unknown[0]}'. Take the config.json that belongs to the checkpoint.`,
    );
  }
  const parameters: Record<string, tf.Variable> = {};
  try {
    for (const [name, shape] of Object.entries(shapes)) {
      parameters[name] = variable(await readFinite(checkpoint, name), shape);
    }
  } catch (error) {
    tf.dispose(parameters);
    throw error;
  }
  return parameters;
}

/** Old checkpoints carry the rotary frequencies, which are computed, and some a copy of the embedding as a tied head. */
function isHarmless(config: ModelConfig, name: string): boolean {
  return name.endsWith('.rotary_emb.inv_freq') || (config.tiedEmbeddings && name === headName);
}

/** @throws ApolabError where the tensor holds an infinity or a NaN: whatever was computed with it would be one too. */
export async function readFinite(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const values = await checkpoint.read(name);
  let zero = 0;
  for (const value of values) zero += value * 0;
  if (zero === 0) return values;
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  throw new ApolabError(
    `${checkpoint.where}: '${name}' holds ${values[wrong]} at index ${wrong} of ${values.length}. ` +
      'The file is damaged, or the training that wrote it diverged: fetch it again, or take an earlier checkpoint.',
  );
}

/**
 * Fresh parameters: normal with standard deviation `deviation`, the projections back into the residual stream divided by
 * `sqrt(2 layers)` (GPT-2's rule), norms at one, biases at zero.
 */
export function initialParameters(config: ModelConfig, seed: number, deviation = 0.05): TrainableParameters {
  const residual = deviation / Math.sqrt(2 * config.layers);
  return Object.fromEntries(
    Object.entries(parameterShapes(config)).map(([name, shape]) => {
      const random = createRandom(seed, 'initial parameters', name);
      const scale = /(o_proj|down_proj)\.weight$/.test(name) ? residual : deviation;
      const constant = name.endsWith('.bias') ? 0 : 1;
      const draw = shape.length === 1 ? () => constant : () => scale * random.normal();
      return [name, variable(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape)];
    }),
  );
}

/** A trainable variable with these values. */
export function variable(values: Float32Array, shape: readonly number[]): tf.Variable {
  const initial = tf.tensor(values, [...shape], 'float32');
  const result = tf.variable(initial, true);
  initial.dispose();
  return result;
}
