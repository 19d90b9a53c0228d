/**
 * The parameters of a Llama: a flat record keyed by Hugging Face's tensor names, so a checkpoint goes in and out as it lies.
 * A linear map's weight is `[out, in]`, as PyTorch stores it.
 */
import { ApolabError } from '../errors.js';
import { createRandom } from '../random.js';
import { tf } from '../tensor/index.js';
import type { ModelConfig } from './config.js';

export type Parameters = Readonly<Record<string, tf.Tensor>>;
export type TrainableParameters = Readonly<Record<string, tf.Variable>>;

/** The values of one tensor on their way between a file and a backend. */
export interface TensorValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export const embeddingName = 'model.embed_tokens.weight';
export const finalNormName = 'model.norm.weight';
export const headName = 'lm_head.weight';
export const layerName = (layer: number, part: string) => `model.layers.${layer}.${part}.weight`;

/** Every tensor that a model of this shape has, with its shape, in the order of the forward pass. */
export function parameterShapes(config: ModelConfig): Record<string, number[]> {
  const { hiddenSize, intermediateSize, vocabularySize } = config;
  const queryWidth = config.heads * config.headSize;
  const keyValueWidth = config.keyValueHeads * config.headSize;
  const shapes: Record<string, number[]> = { [embeddingName]: [vocabularySize, hiddenSize] };
  for (let layer = 0; layer < config.layers; layer++) {
    Object.assign(shapes, {
      [layerName(layer, 'input_layernorm')]: [hiddenSize],
      [layerName(layer, 'self_attn.q_proj')]: [queryWidth, hiddenSize],
      [layerName(layer, 'self_attn.k_proj')]: [keyValueWidth, hiddenSize],
      [layerName(layer, 'self_attn.v_proj')]: [keyValueWidth, hiddenSize],
      [layerName(layer, 'self_attn.o_proj')]: [hiddenSize, queryWidth],
      [layerName(layer, 'post_attention_layernorm')]: [hiddenSize],
      [layerName(layer, 'mlp.gate_proj')]: [intermediateSize, hiddenSize],
      [layerName(layer, 'mlp.up_proj')]: [intermediateSize, hiddenSize],
      [layerName(layer, 'mlp.down_proj')]: [hiddenSize, intermediateSize],
    });
  }
  shapes[finalNormName] = [hiddenSize];
  if (!config.tiedEmbeddings) shapes[headName] = [vocabularySize, hiddenSize];
  return shapes;
}

/** Checks that a checkpoint has every tensor in the shape that the configuration asks for, and makes trainable variables of it. */
export function loadParameters(
  config: ModelConfig,
  tensors: Readonly<Record<string, TensorValues>>,
  where: string,
): TrainableParameters {
  return Object.fromEntries(
    Object.entries(parameterShapes(config)).map(([name, shape]) => {
      const found = tensors[name];
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
      return [name, variable(found.values, shape)];
    }),
  );
}

/**
 * Fresh parameters: normal with standard deviation `deviation`, the projections back into the residual stream divided by
 * `sqrt(2 layers)` (GPT-2's rule), norms at one.
 */
export function initialParameters(config: ModelConfig, seed: number, deviation = 0.05): TrainableParameters {
  const residual = deviation / Math.sqrt(2 * config.layers);
  return Object.fromEntries(
    Object.entries(parameterShapes(config)).map(([name, shape]) => {
      const random = createRandom(seed, 'initial parameters', name);
      const scale = /(o_proj|down_proj)\.weight$/.test(name) ? residual : deviation;
      const draw = shape.length === 1 ? () => 1 : () => scale * random.normal();
      return [name, variable(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape)];
    }),
  );
}

function variable(values: Float32Array, shape: number[]): tf.Variable {
  const initial = tf.tensor(values, shape, 'float32');
  const result = tf.variable(initial, true);
  initial.dispose();
  return result;
}
