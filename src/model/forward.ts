/**
 * The forward pass of a Llama: a pure function of parameters and tokens.
 *
 * Which token sees which is the caller's to say (`mask`, `positions`), so the same pass serves a padded batch, a tree of
 * responses that share their prompt, and generation with a cache of keys and values.
 */
import { tf } from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import { embeddingName, finalNormName, headName, layerName, type Parameters } from './parameters.js';

/** Added to the attention score of what must not be seen; large enough that its weight is exactly 0 in float32. */
export const hidden = -1e9;

export interface TokenBatch {
  /** int32 `[rows, length]` */
  readonly tokens: tf.Tensor2D;
  /** int32 `[rows, length]`: each token's place in its own sequence. */
  readonly positions: tf.Tensor2D;
  /** float32 `[rows, 1, length, cached + length]`: 0 where the token sees the other, `hidden` where not. */
  readonly mask: tf.Tensor4D;
}

/** Keys and values of the tokens so far, one entry a layer, each `[rows, keyValueHeads, cached, headSize]`. */
export type KeyValueCache = readonly { readonly keys: tf.Tensor4D; readonly values: tf.Tensor4D }[];

/**
 * The final hidden states, normalised, one row a token.
 *
 * @param cache keys and values of earlier tokens, or undefined where there are none
 * @param keep receives this pass's keys and values (with the cached ones before them), one call a layer
 * @returns `[rows * length, hiddenSize]`
 */
export function hiddenStates(
  parameters: Parameters,
  config: ModelConfig,
  batch: TokenBatch,
  cache?: KeyValueCache,
  keep?: (keys: tf.Tensor4D, values: tf.Tensor4D) => void,
): tf.Tensor2D {
  const rotation = rotary(config, batch.positions);
  let states = tf.gather(parameter(parameters, embeddingName), tf.reshape(batch.tokens, [-1])) as tf.Tensor2D;
  for (let layer = 0; layer < config.layers; layer++) {
    const weight = (part: string) => parameter(parameters, layerName(layer, part)) as tf.Tensor2D;
    const attended = attention(
      config,
      batch,
      rotation,
      rmsNorm(states, weight('input_layernorm'), config.normEpsilon),
      weight,
      cache?.[layer],
      keep,
    );
    states = tf.add(states, attended);
    const normed = rmsNorm(states, weight('post_attention_layernorm'), config.normEpsilon);
    const gate = linear(normed, weight('mlp.gate_proj'));
    const activated = tf.mul<tf.Tensor2D>(tf.mul(gate, tf.sigmoid(gate)), linear(normed, weight('mlp.up_proj')));
    states = tf.add(states, linear(activated, weight('mlp.down_proj')));
  }
  return rmsNorm(states, parameter(parameters, finalNormName), config.normEpsilon);
}

/** Scores of every vocabulary entry, for the hidden states of the rows asked for: `[n, hiddenSize]` to `[n, vocabulary]`. */
export function logits(parameters: Parameters, config: ModelConfig, states: tf.Tensor2D): tf.Tensor2D {
  return linear(states, parameter(parameters, config.tiedEmbeddings ? embeddingName : headName) as tf.Tensor2D);
}

function attention(
  config: ModelConfig,
  { tokens, mask }: TokenBatch,
  rotation: Rotation,
  input: tf.Tensor2D,
  weight: (part: string) => tf.Tensor2D,
  cached: KeyValueCache[number] | undefined,
  keep: ((keys: tf.Tensor4D, values: tf.Tensor4D) => void) | undefined,
): tf.Tensor2D {
  const { heads, keyValueHeads, headSize } = config;
  const [rows, length] = tokens.shape;
  const split = (projected: tf.Tensor2D, count: number) =>
    tf.transpose(tf.reshape(projected, [rows, length, count, headSize]), [0, 2, 1, 3]);
  const queries = rotate(split(linear(input, weight('self_attn.q_proj')), heads), rotation);
  let keys = rotate(split(linear(input, weight('self_attn.k_proj')), keyValueHeads), rotation);
  let values = split(linear(input, weight('self_attn.v_proj')), keyValueHeads) as tf.Tensor4D;
  if (cached !== undefined) {
    keys = tf.concat([cached.keys, keys], 2);
    values = tf.concat([cached.values, values], 2);
  }
  keep?.(keys, values);
  const seen = keys.shape[2];
  // Query heads that share a key head are laid one below the other, so no key is ever repeated in memory.
  const stacked = tf.reshape(queries, [rows, keyValueHeads, (heads / keyValueHeads) * length, headSize]);
  const scores = tf.mul(tf.matMul(stacked, keys, false, true), tf.scalar(1 / Math.sqrt(headSize)));
  const weights = tf.softmax(tf.add(tf.reshape(scores, [rows, heads, length, seen]), mask));
  const mixed = tf.matMul(tf.reshape(weights, [rows, keyValueHeads, (heads / keyValueHeads) * length, seen]), values);
  const joined = tf.transpose(tf.reshape(mixed, [rows, heads, length, headSize]), [0, 2, 1, 3]);
  return linear(tf.reshape(joined, [rows * length, heads * headSize]), weight('self_attn.o_proj'));
}

/** `x / sqrt(mean(x^2) + epsilon) * weight` over the last axis. */
function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor, epsilon: number): tf.Tensor2D {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), tf.scalar(epsilon)));
  return tf.mul(tf.mul(x, scale), weight);
}

/** `x W^T` for a weight `[out, in]`. */
function linear(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(x, weight, false, true);
}

interface Rotation {
  /** `[rows, 1, length, headSize]` */
  readonly cosine: tf.Tensor;
  readonly sine: tf.Tensor;
  /** `[headSize, headSize]`: the matrix that turns (x1, x2) into (-x2, x1), each a half of a head. */
  readonly quarterTurn: tf.Tensor2D;
}

/** Cosine and sine of `position * theta^(-2i / headSize)`, the second half of each head repeating the first. */
function rotary({ headSize, ropeTheta }: ModelConfig, positions: tf.Tensor2D): Rotation {
  const [rows, length] = positions.shape;
  const frequencies = Float32Array.from(
    { length: headSize },
    (_, index) => ropeTheta ** (-(2 * (index % (headSize / 2))) / headSize),
  );
  const angles = tf.mul(tf.reshape(tf.cast(positions, 'float32'), [rows, 1, length, 1]), tf.tensor1d(frequencies));
  const quarterTurn = tf.buffer([headSize, headSize]);
  for (let index = 0; index < headSize / 2; index++) {
    quarterTurn.set(-1, index + headSize / 2, index);
    quarterTurn.set(1, index, index + headSize / 2);
  }
  return { cosine: tf.cos(angles), sine: tf.sin(angles), quarterTurn: quarterTurn.toTensor() as tf.Tensor2D };
}

/**
 * Rotary position embedding, halves paired as transformers pairs them: `x cos + (-x2, x1) sin`. The turn is a product with
 * a matrix of 0, 1 and -1: as exact as slicing, and faster than slicing on every backend.
 */
function rotate(x: tf.Tensor, { cosine, sine, quarterTurn }: Rotation): tf.Tensor4D {
  const turned = tf.reshape(tf.matMul(tf.reshape(x, [-1, quarterTurn.shape[0]]), quarterTurn), x.shape);
  return tf.add(tf.mul(x, cosine), tf.mul(turned, sine));
}

function parameter(parameters: Parameters, name: string): tf.Tensor {
  const found = parameters[name];
  if (found === undefined) throw new Error(`The parameters have no '${name}'.`);
  return found;
}
