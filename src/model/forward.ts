/**
 * The forward pass of a Llama: a pure function of parameters and tokens.
 *
 * Which token sees which is the caller's to say (`mask`, `positions`), so the same pass serves a padded batch, a tree of
 * responses that share their prompt, and generation with a cache of keys and values.
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
    const attended = selfAttention(
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
    const activated = swiGlu(linear(normed, weight('mlp.gate_proj')), linear(normed, weight('mlp.up_proj')));
    states = tf.add(states, linear(activated, weight('mlp.down_proj')));
  }
  return rmsNorm(states, parameter(parameters, finalNormName), config.normEpsilon);
}

/** Scores of every vocabulary entry, for the hidden states of the rows asked for: `[n, hiddenSize]` to `[n, vocabulary]`. */
export function logits(parameters: Parameters, config: ModelConfig, states: tf.Tensor2D): tf.Tensor2D {
  return linear(states, parameter(parameters, config.tiedEmbeddings ? embeddingName : headName) as tf.Tensor2D);
}

function selfAttention(
  config: ModelConfig,
  { tokens, mask }: TokenBatch,
  rotation: Rotation,
  input: tf.Tensor2D,
  weight: (part: string) => tf.Tensor2D,
  cached: KeyValueCache[number] | undefined,
  keep: ((keys: tf.Tensor4D, values: tf.Tensor4D) => void) | undefined,
): tf.Tensor2D {
  const queries = linear(input, weight('self_attn.q_proj'));
  const keys = linear(input, weight('self_attn.k_proj'));
  const values = linear(input, weight('self_attn.v_proj'));
  const output = weight('self_attn.o_proj');
  if (keep === undefined) return linear(attention(queries, keys, values, rotation, mask), output);
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
  return linear(joinHeads(attend(turnedQueries, allKeys, allValues, mask)), output);
}

/** Cosine and sine of `position * theta^(-2i / headSize)`, the second half of each head repeating the first. */
function rotary({ headSize, ropeTheta }: ModelConfig, positions: tf.Tensor2D): Rotation {
  const [rows, length] = positions.shape;
  const frequencies = Float32Array.from(
    { length: headSize },
    (_, index) => ropeTheta ** (-(2 * (index % (headSize / 2))) / headSize),
  );
  const angles = tf.mul<tf.Tensor4D>(
    tf.reshape(tf.cast(positions, 'float32'), [rows, 1, length, 1]),
    tf.tensor1d(frequencies),
  );
  return rotationBy(angles);
}

function parameter(parameters: Parameters, name: string): tf.Tensor {
  const found = parameters[name];
  if (found === undefined) throw new Error(`The parameters have no '${name}'.`);
  return found;
}
