/**
 * The forward pass of every architecture: a pure function of parameters and tokens. Differences from a plain Llama are in the
 * configuration (windows, unrotated layers, norms of queries and keys) or are extra tensors (biases, an adapter).
 *
 * The caller decides which token sees which, so the same pass serves single sequences and prefix trees of responses to one prompt.
 * Generation with a cache of keys and values has padded rows and a mask instead.
 */
import {
  adaptedLinear,
  attend,
  attentionOver,
  headLogProbs,
  joinHeads,
  linear,
  maskedScore,
  residualSum,
  rmsNorm,
  rotate,
  rotationBy,
  splitHeads,
  swiGlu,
  targetLogProbs as targetLogProbsOf,
  tf,
  type Attention,
  type Rotation,
} from '../tensor/index.js';
import type { ModelConfig } from './config.js';
import {
  adapterName,
  embeddingModule,
  embeddingName,
  finalNormName,
  headModule,
  headName,
  layerModule,
  layerName,
  type Parameters,
} from './parameters.js';
import { rotaryFrequencies } from './rope.js';
import { narrowed, type TokenBatch } from './tokenTrees.js';

/** The next tokens of rows whose earlier tokens have their keys and values in a cache. */
export interface CachedBatch {
  /** int32 `[rows, length]` */
  readonly tokens: tf.Tensor2D;
  /** int32 `[rows, length]`: each token's position in its own sequence, from 0. */
  readonly positions: tf.Tensor2D;
  /** int32 `[rows, cached + length]`: positions of all visible tokens. */
  readonly seenPositions: tf.Tensor2D;
  /** float32 `[rows, 1, length, cached + length]`: 0 if the token (third axis) sees the other (last axis), otherwise `maskedScore`. */
  readonly mask: tf.Tensor4D;
}

/** Keys and values of the earlier tokens, one entry per layer, each `[rows, keyValueHeads, cached, headSize]`. */
export type KeyValueCache = readonly { readonly keys: tf.Tensor4D; readonly values: tf.Tensor4D }[];

/**
 * The final, normalised hidden states, one row per token.
 *
 * @returns `[tokens, hiddenSize]`
 */
export function hiddenStates(parameters: Parameters, config: ModelConfig, batch: TokenBatch): tf.Tensor2D {
  return throughLayers(parameters, config, batch.tokens, layerAttentions(config, batch));
}

/**
 * The final, normalised hidden states of the next tokens of rows.
 *
 * @param cache keys and values of earlier tokens, if there are any
 * @param keep called once per layer with the keys and values of the cached tokens and of this pass
 * @returns `[rows * length, hiddenSize]`
 */
export function nextHiddenStates(
  parameters: Parameters,
  config: ModelConfig,
  batch: CachedBatch,
  cache: KeyValueCache | undefined,
  keep: (keys: tf.Tensor4D, values: tf.Tensor4D) => void,
): tf.Tensor2D {
  const [rows, length] = batch.tokens.shape;
  const rotationOf = layerRotations(config, batch.positions);
  const maskOf = layerMasks(config, batch);
  const split = (x: tf.Tensor2D) => splitHeads(x, rows, length, config.headSize);
  return throughLayers(parameters, config, tf.reshape(batch.tokens, [-1]), (layer) => {
    const [rotation, mask, cached] = [rotationOf(layer), maskOf(layer), cache?.[layer]];
    return (queries, keys, values) => {
      const turnedQueries = rotate(split(queries), rotation.queries, rotation.quarterTurn);
      let allKeys = rotate(split(keys), rotation.keys, rotation.quarterTurn);
      let allValues = split(values);
      if (cached !== undefined) {
        allKeys = tf.concat([cached.keys, allKeys], 2);
        allValues = tf.concat([cached.values, allValues], 2);
      }
      keep(allKeys, allValues);
      return joinHeads(attend(turnedQueries, allKeys, allValues, mask));
    };
  });
}

function throughLayers(
  parameters: Parameters,
  config: ModelConfig,
  tokens: tf.Tensor1D,
  attentionIn: (layer: number) => Attention,
): tf.Tensor2D {
  let states = tf.gather(parameter(parameters, embeddingName), tokens) as tf.Tensor2D;
  for (let layer = 0; layer < config.layers; layer++) {
    const norm = (x: tf.Tensor2D, part: string) =>
      rmsNorm(x, parameter(parameters, layerName(layer, part)), config.normEpsilon);
    const map = (x: tf.Tensor2D, part: string) => linearMap(parameters, config, x, layerModule(layer, part));
    const headNorm = (x: tf.Tensor2D, part: string): tf.Tensor2D =>
      config.queryKeyNorm === true ? tf.reshape(norm(tf.reshape(x, [-1, config.headSize]), part), x.shape) : x;
    const [given, attention] = [states, attentionIn(layer)];
    // A layer's temporary tensors are freed when it ends; those that its gradient needs are kept by TensorFlow.js.
    states = tf.tidy(() => {
      const input = norm(given, 'input_layernorm');
      const queries = headNorm(map(input, 'self_attn.q_proj'), 'self_attn.q_norm');
      const keys = headNorm(map(input, 'self_attn.k_proj'), 'self_attn.k_norm');
      const attended = attention(queries, keys, map(input, 'self_attn.v_proj'));
      const sum = residualSum(given, map(attended, 'self_attn.o_proj'));
      const normed = norm(sum, 'post_attention_layernorm');
      const activated = swiGlu(map(normed, 'mlp.gate_proj'), map(normed, 'mlp.up_proj'));
      return residualSum(sum, map(activated, 'mlp.down_proj'));
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

/**
 * The log-probability of a target after each hidden state; the logits of a large vocabulary are not kept, unless an adapter changes the
 * head.
 *
 * @param states `[n, hiddenSize]`
 * @param targets int32 `[n]`
 * @returns `[n]`, in nats
 */
export function targetLogProbs(
  parameters: Parameters,
  config: ModelConfig,
  states: tf.Tensor2D,
  targets: tf.Tensor1D,
): tf.Tensor1D {
  // An adapter of the head is small beside the head, but its product has all logits.
  if (parameters[adapterName(headModule, 'A')] !== undefined)
    return targetLogProbsOf(logits(parameters, config, states), targets);
  const weight = parameter(parameters, config.tiedEmbeddings ? embeddingName : headName) as tf.Tensor2D;
  // An adapter's base is frozen.
  return headLogProbs(states, weight, targets, config.adapterScale !== undefined);
}

/**
 * `x W^T`, plus the bias and the LoRA adapter's `scale (x A^T) B^T` if the parameters contain them. W is `[out, in]`, A
 * `[rank, in]`, B `[out, rank]`, the result `[rows, out]`.
 */
function linearMap(parameters: Parameters, config: ModelConfig, x: tf.Tensor2D, module: string): tf.Tensor2D {
  const named = (name: string) => parameter(parameters, name) as tf.Tensor2D;
  const [weight, down] = [named(`${module}.weight`), adapterName(module, 'A')];
  // The base of an adapter is frozen.
  const result =
    parameters[down] === undefined
      ? linear(x, weight, config.adapterScale !== undefined)
      : adaptedLinear(x, weight, named(down), named(adapterName(module, 'B')), config.adapterScale ?? 1);
  const bias = parameters[`${module}.bias`];
  return bias === undefined ? result : tf.add(result, bias);
}

/** Attention of each layer: with the layer's window if it has one, and without rotation in an unrotated layer. */
function layerAttentions(config: ModelConfig, { positions, trees }: TokenBatch): (layer: number) => Attention {
  const { windows, unrotatedLayers = [] } = config;
  const angles = anglesOf(config, positions);
  const unturned = unrotatedLayers.length === 0 ? angles : tf.zerosLike(angles);
  const known = new Map<string, Attention>();
  return (layer) => {
    const window = windows?.[layer] ?? null;
    const isTurned = !unrotatedLayers.includes(layer);
    const name = `${window} ${isTurned}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const attention = attentionOver(window === null ? trees : narrowed(trees, window), isTurned ? angles : unturned);
    known.set(name, attention);
    return attention;
  };
}

/**
 * The mask of each layer: the batch's mask, plus `maskedScore` for tokens outside the layer's window if it has one.
 */
function layerMasks(
  { windows }: ModelConfig,
  { positions, seenPositions, mask }: CachedBatch,
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

/** The rotation of each layer of padded rows; by 0 in an unrotated layer. */
function layerRotations(config: ModelConfig, positions: tf.Tensor2D): (layer: number) => Rotation {
  const { headSize, unrotatedLayers = [] } = config;
  const [rows, length] = positions.shape;
  const half = anglesOf(config, tf.reshape(positions, [-1]));
  // The second half of each head repeats the first.
  const angles = tf.reshape<tf.Rank.R4>(tf.concat2d([half, half], 1), [rows, 1, length, headSize]);
  const turned = rotationBy(angles);
  const unturned = unrotatedLayers.length === 0 ? turned : rotationBy(tf.zerosLike(angles));
  return (layer) => (unrotatedLayers.includes(layer) ? unturned : turned);
}

/** The angles of the rotary embedding, `position * frequency` in radians: `[tokens, headSize / 2]`. */
function anglesOf({ headSize, ropeTheta, ropeScaling }: ModelConfig, positions: tf.Tensor1D): tf.Tensor2D {
  const frequencies = tf.tensor1d(rotaryFrequencies(ropeTheta, ropeScaling, headSize));
  return tf.mul(tf.reshape(tf.cast(positions, 'float32'), [-1, 1]), frequencies);
}

function parameter(parameters: Parameters, name: string): tf.Tensor {
  const found = parameters[name];
  if (found === undefined) throw new Error(`The parameters have no '${name}'.`);
  return found;
}
