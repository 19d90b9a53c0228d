/**
 * The parameters of a model: a flat record with Hugging Face's tensor names as keys, as in its checkpoints. A linear map's
 * weight is `[out, in]`, as in PyTorch.
 */
import { ApolabError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { tf } from '../tensor/index.js';
import type { Checkpoint } from './checkpoint.js';
import type { ModelConfig } from './config.js';

/** A model's tensors by name, for reading only. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;
/** A model's tensors by name, as variables that training changes. */
export type TrainableParameters = Readonly<Record<string, tf.Variable>>;

/** Name of the token embedding, without `.weight`. */
export const embeddingModule = 'model.embed_tokens';
/** Name of the language-model head, without `.weight`. */
export const headModule = 'lm_head';
/** Name of the token embedding's weight, `[vocabulary, hiddenSize]`. */
export const embeddingName = `${embeddingModule}.weight`;
/** Name of the final RMS norm's weight, `[hiddenSize]`. */
export const finalNormName = 'model.norm.weight';
/** Name of the language-model head's weight, `[vocabulary, hiddenSize]`; tied models have none. */
export const headName = `${headModule}.weight`;
/** Name of a part of a layer, without `.weight`: `model.layers.0.mlp.up_proj`. */
export const layerModule = (layer: number, part: string) => `model.layers.${layer}.${part}`;
/** Name of the weight of a part of a layer: `model.layers.0.mlp.up_proj.weight`. */
export const layerName = (layer: number, part: string) => `${layerModule(layer, part)}.weight`;
/** The prefix of the names of an adapter's tensors. */
export const adapterPrefix = 'base_model.model.';
/** PEFT's name of a LoRA adapter's tensor for a linear map. */
export const adapterName = (module: string, factor: 'A' | 'B') => `${adapterPrefix}${module}.lora_${factor}.weight`;

/** The linear maps of a layer by name: the shape `[out, in]`, and which entry of `biases` says whether there is a bias. */
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

/** The name and shape of every tensor of a model, in the order of the forward pass. */
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
 * Checks by the header that a checkpoint has the tensors that the configuration needs.
 *
 * @throws ApolabError if a tensor is missing, has another shape, or is unknown to the configuration; it names the tensor.
 */
export function checkTensors(config: ModelConfig, { origin, tensors }: Checkpoint): void {
  const shapes = parameterShapes(config);
  for (const [name, shape] of Object.entries(shapes)) {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new ApolabError(
        `${origin} has no tensor '${name}', which config.json needs. Save the model again, or use the config.json that belongs to it.`,
      );
    }
    if (found.shape.join() !== shape.join()) {
      throw new ApolabError(
        `${origin}: '${name}' has shape [${found.shape.join(', ')}], but config.json needs [${shape.join(', ')}].`,
      );
    }
  }
  const unknown = [...tensors.keys()].filter((name) => !Object.hasOwn(shapes, name) && !isHarmless(config, name));
  if (unknown.length > 0) {
    throw new ApolabError(
      `${origin} holds ${unknown.length === 1 ? 'a tensor' : `${unknown.length} tensors`} that config.json does not ` +
        `describe: '${unknown[0]}'. Use the config.json that belongs to the checkpoint.`,
    );
  }
}

/**
 * Reads every tensor that the configuration needs, one at a time, as trainable variables. `checkTensors` comes first.
 *
 * @throws ApolabError if a tensor contains an infinity or NaN. It names the tensor, and nothing stays in memory.
 */
export async function loadParameters(config: ModelConfig, checkpoint: Checkpoint): Promise<TrainableParameters> {
  const parameters: Record<string, tf.Variable> = {};
  try {
    for (const [name, shape] of Object.entries(parameterShapes(config))) {
      parameters[name] = variable(await readFinite(checkpoint, name), shape);
    }
  } catch (error) {
    tf.dispose(parameters);
    throw error;
  }
  return parameters;
}

/** Old checkpoints contain the rotary frequencies, which are computed here; some tied models contain a copy of the embedding. */
function isHarmless(config: ModelConfig, name: string): boolean {
  return name.endsWith('.rotary_emb.inv_freq') || (config.tiedEmbeddings && name === headName);
}

/**
 * The values of a stored tensor.
 *
 * @throws ApolabError if one is infinite or NaN, because everything computed with it would be too.
 */
export async function readFinite(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const values = await checkpoint.read(name);
  let zero = 0;
  for (const value of values) zero += value * 0;
  if (zero === 0) return values;
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  throw new ApolabError(
    `${checkpoint.origin}: '${name}' holds ${values[wrong]} at index ${wrong} of ${values.length}. ` +
      'The file is damaged, or the training that wrote it diverged: fetch it again, or take an earlier checkpoint.',
  );
}

/**
 * Random initial parameters: normal with standard deviation `deviation`, divided by `sqrt(2 layers)` for the projections into the
 * residual stream (GPT-2's rule); norms are one and biases zero.
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

/** A trainable float32 variable with these values. */
export function variable(values: Float32Array, shape: readonly number[]): tf.Variable {
  return tf.tidy(() => {
    const initial = tf.tensor(values, [...shape], 'float32');
    // Any operation moves the values into TensorFlow's memory, so that those in JavaScript can be collected.
    tf.slice(
      initial,
      shape.map(() => 0),
      shape.map(() => 1),
    );
    return tf.variable(initial, true);
  });
}

/** Variables with the same values. A copy shares its memory with the original until one of the two is changed. */
export function copied(parameters: TrainableParameters): TrainableParameters {
  const copies = Object.entries(parameters).map(
    ([name, tensor]) => [name, tf.variable(tensor, tensor.trainable)] as const,
  );
  return Object.fromEntries(copies);
}
