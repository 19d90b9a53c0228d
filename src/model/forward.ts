/**
 * The forward pass of every architecture: a pure function of parameters and tokens. Differences from a plain Llama are in the
 * configuration (windows, unrotated layers, norms of queries and keys) or are extra tensors (biases, an adapter).
 *
 * The caller decides which token sees which (`mask`, `positions`), so the same pass serves a padded batch, a prefix tree of
 * responses to one prompt, and generation with a cache of keys and values.
 */
import {
  attend,
  attention,
  joinHeads,
  linear,
  rmsNorm,
  rotate,
  rotationBy,
  splitHeads,
  swiGlu,
  tf,
  type Rotation,
} from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import {
  adapterName,
  embeddingModule,
  embeddingName,
  finalNormName,
  headModule,
  layerModule,
  layerName,
  type Parameters,
} from './parameters.js';
import { rotaryFrequencies } from './rope.js';

/** Added to the attention score of a token that must not be seen; its weight is then exactly 0 in float32. */
export const maskedScore = -1e9;

/** The tokens of a forward pass. */
export interface TokenBatch {
  /** int32 `[rows, length]` */
  readonly tokens: tf.Tensor2D;
  /** int32 `[rows, length]`: each token's position in its own sequence, from 0. */
  readonly positions: tf.Tensor2D;
  /** float32 `[rows, 1, length, cached + length]`: 0 if the token (third axis) sees the other (last axis), otherwise `maskedScore`. */
  readonly mask: tf.Tensor4D;
  /** int32 `[rows, cached + length]`: positions of all visible tokens; not needed without a cache. */
  readonly seenPositions?: tf.Tensor2D;
}

/** Keys and values of the earlier tokens, one entry per layer, each `[rows, keyValueHeads, cached, headSize]`. */
export type KeyValueCache = readonly { readonly keys: tf.Tensor4D; readonly values: tf.Tensor4D }[];

/**
 * The final, normalised hidden states, one row per token.
 *
 * @param cache keys and values of earlier tokens, if there are any
 * @param keep called once per layer with the keys and values of the cached tokens and of this pass
 * @returns `[rows * length, hiddenSize]`
 */
export function hiddenStates(
  parameters: Parameters,
  config: ModelConfig,
  batch: TokenBatch,
  cache?: KeyValueCache,
  keep?: (keys: tf.Tensor4D, values: tf.Tensor4D) => void,
): tf.Tensor2D {
  const rotationOf = layerRotations(config, batch.positions);
  const maskOf = layerMasks(config, batch);
  let states = tf.gather(parameter(parameters, embeddingName), tf.reshape(batch.tokens, [-1])) as tf.Tensor2D;
  for (let layer = 0; layer < config.layers; layer++) {
    const norm = (x: tf.Tensor2D, part: string) =>
      rmsNorm(x, parameter(parameters, layerName(layer, part)), config.normEpsilon);
    const map = (x: tf.Tensor2D, part: string) => linearMap(parameters, config, x, layerModule(layer, part));
    const [given, mask] = [states, maskOf(layer)];
    // A layer's temporary tensors are freed when it ends; those that its gradient needs are kept by TensorFlow.js.
    states = tf.tidy(() => {
      const attended = selfAttention(
        config,
        { ...batch, mask },
        rotationOf(layer),
        norm(given, 'input_layernorm'),
        { map, norm },
        cache?.[layer],
        keep,
      );
      const sum = tf.add<tf.Tensor2D>(given, attended);
      const normed = norm(sum, 'post_attention_layernorm');
      const activated = swiGlu(map(normed, 'mlp.gate_proj'), map(normed, 'mlp.up_proj'));
      return tf.add<tf.Tensor2D>(sum, map(activated, 'mlp.down_proj'));
    });
  }
  return rmsNorm(states, parameter(parameters, finalNormName), config.normEpsilon);
}

/**
 * The language-model head: scores of every vocabulary entry for the token after each hidden state.
 *
 * @param states `[n, hiddenSize]`
 * @returns `[n, vocabulary]`
 */
export function logits(parameters: Parameters, config: ModelConfig, states: tf.Tensor2D): tf.Tensor2D {
  return linearMap(parameters, config, states, config.tiedEmbeddings ? embeddingModule : headModule);
}

/** The linear maps and norms of one layer, by the names of their parts. */
interface LayerParts {
  readonly map: (x: tf.Tensor2D, part: string) => tf.Tensor2D;
  readonly norm: (x: tf.Tensor2D, part: string) => tf.Tensor2D;
}

function selfAttention(
  config: ModelConfig,
  { tokens, mask }: TokenBatch,
  rotation: Rotation,
  input: tf.Tensor2D,
  { map, norm }: LayerParts,
  cached: KeyValueCache[number] | undefined,
  keep: ((keys: tf.Tensor4D, values: tf.Tensor4D) => void) | undefined,
): tf.Tensor2D {
  const normed = (x: tf.Tensor2D, part: string): tf.Tensor2D =>
    config.queryKeyNorm === true ? tf.reshape(norm(tf.reshape(x, [-1, config.headSize]), part), x.shape) : x;
  const queries = normed(map(input, 'self_attn.q_proj'), 'self_attn.q_norm');
  const keys = normed(map(input, 'self_attn.k_proj'), 'self_attn.k_norm');
  const values = map(input, 'self_attn.v_proj');
  if (keep === undefined) return map(attention(queries, keys, values, rotation, mask), 'self_attn.o_proj');
  const [rows, length] = tokens.shape;
  const split = (x: tf.Tensor2D) => splitHeads(x, rows, length, config.headSize);
  const turnedQueries = rotate(split(queries), rotation.queries, rotation.quarterTurn);
  let allKeys = rotate(split(keys), rotation.keys, rotation.quarterTurn);
  let allValues = split(values);
  if (cached !== undefined) {
    allKeys = tf.concat([cached.keys, allKeys], 2);
    allValues = tf.concat([cached.values, allValues], 2);
  }
  keep(allKeys, allValues);
  return map(joinHeads(attend(turnedQueries, allKeys, allValues, mask)), 'self_attn.o_proj');
}

/**
 * `x W^T`, plus the bias and the LoRA adapter's `scale (x A^T) B^T` if the parameters contain them. W is `[out, in]`, A
 * `[rank, in]`, B `[out, rank]`, the result `[rows, out]`.
 */
function linearMap(parameters: Parameters, config: ModelConfig, x: tf.Tensor2D, module: string): tf.Tensor2D {
  const product = (input: tf.Tensor2D, name: string) => linear(input, parameter(parameters, name) as tf.Tensor2D);
  let result = product(x, `${module}.weight`);
  const bias = parameters[`${module}.bias`];
  if (bias !== undefined) result = tf.add(result, bias);
  const down = adapterName(module, 'A');
  if (parameters[down] !== undefined) {
    const added = product(product(x, down), adapterName(module, 'B'));
    result = tf.add(result, tf.mul(added, config.adapterScale ?? 1));
  }
  return result;
}

/**
 * The mask of each layer: the batch's mask, plus `maskedScore` for tokens outside the layer's window if it has one. Distances
 * are differences of positions, so they are right in a prefix tree too, along a token's own branch.
 */
function layerMasks(
  { windows }: ModelConfig,
  { positions, seenPositions = positions, mask }: TokenBatch,
): (layer: number) => tf.Tensor4D {
  const [rows, length] = positions.shape;
  const seen = seenPositions.shape[1];
  const narrowed = new Map<number, tf.Tensor4D>();
  return (layer) => {
    const window = windows?.[layer] ?? null;
    if (window === null || window >= seen) return mask;
    const known = narrowed.get(window);
    if (known !== undefined) return known;
    const distances = tf.sub(
      tf.reshape(positions, [rows, 1, length, 1]),
      tf.reshape(seenPositions, [rows, 1, 1, seen]),
    );
    const tooFar = tf.cast(tf.greaterEqual(distances, tf.scalar(window, 'int32')), 'float32');
    const result = tf.add<tf.Tensor4D>(mask, tf.mul(tooFar, maskedScore));
    narrowed.set(window, result);
    return result;
  };
}

/** The rotation of each layer: by `position * frequency`, in radians; by 0 in an unrotated layer. */
function layerRotations(
  { headSize, ropeTheta, ropeScaling, unrotatedLayers = [] }: ModelConfig,
  positions: tf.Tensor2D,
): (layer: number) => Rotation {
  const [rows, length] = positions.shape;
  const half = rotaryFrequencies(ropeTheta, ropeScaling, headSize);
  const angles = tf.mul<tf.Tensor4D>(
    tf.reshape(tf.cast(positions, 'float32'), [rows, 1, length, 1]),
    // The second half of each head repeats the first.
    tf.tensor1d([...half, ...half]),
  );
  const turned = rotationBy(angles);
  const unturned = unrotatedLayers.length === 0 ? turned : rotationBy(tf.zerosLike(angles));
  return (layer) => (unrotatedLayers.includes(layer) ? unturned : turned);
}

function parameter(parameters: Parameters, name: string): tf.Tensor {
  const found = parameters[name];
  if (found === undefined) throw new Error(`The parameters have no '${name}'.`);
  return found;
}
