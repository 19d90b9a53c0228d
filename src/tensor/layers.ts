/**
 * The layers of a transformer and the step of an optimizer, each as one differentiable function. The backend that runs chooses
 * the implementation: its own kernels (fusedLayers.ts) or tensor operations (composedLayers.ts), with the same values.
 */
import * as tf from '@tensorflow/tfjs';
import { activeBackend, backends } from './backends.js';
import { composedLayers } from './composedLayers.js';
import { differentiable } from './customGradient.js';
import type { AdamWSettings, Attention, Layers, TokenTrees } from './layerTypes.js';

function layers(): Layers {
  const id = activeBackend();
  return id === undefined ? composedLayers : backends[id].layers();
}

/**
 * A linear map: `x weight^T`.
 *
 * @param x `[rows, in]`
 * @param weight `[out, in]`, as PyTorch stores it
 * @param isFrozen whether no gradient of `weight` is needed
 * @returns `[rows, out]`
 * @example
 * linear(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4], [5, 6]])).print(); // Tensor [[11, 17],]
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, isFrozen = false): tf.Tensor2D {
  return layers().linear(x, weight, isFrozen);
}

/**
 * A linear map with a frozen weight and a low-rank adapter: `x weight^T + scale (x a^T) b^T`. What the gradient needs of the adapter has
 * the adapter's rank as its width.
 *
 * @param x `[rows, in]`
 * @param weight `[out, in]`; it gets no gradient
 * @param a `[rank, in]`
 * @param b `[out, rank]`
 * @returns `[rows, out]`
 * @example
 * adaptedLinear(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]]), tf.tensor2d([[1, 1]]), tf.tensor2d([[2]]), 0.5).print(); // [[14]]
 */
export function adaptedLinear(
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  scale: number,
): tf.Tensor2D {
  return layers().adaptedLinear(x, weight, a, b, scale);
}

/**
 * `x + y`, of which the gradient keeps nothing; `tf.add` keeps both.
 *
 * @param x any shape
 * @param y the same shape
 * @example
 * residualSum(tf.tensor1d([1]), tf.tensor1d([2])).print(); // [3]
 */
export function residualSum<T extends tf.Tensor>(x: T, y: T): T {
  return differentiable([x, y], () => ({
    value: tf.add(x, y),
    gradient: (dy) => [dy.clone(), dy.clone()],
  })) as T;
}

/**
 * Root-mean-square normalisation, `x / sqrt(mean(x^2) + epsilon) * weight` over the last axis.
 *
 * @param x `[..., size]`
 * @param weight `[size]`
 * @example
 * rmsNorm(tf.tensor2d([[3, 4]]), tf.ones([2]), 0).print(); // Tensor [[0.848528, 1.131371],]
 */
export function rmsNorm<T extends tf.Tensor>(x: T, weight: tf.Tensor, epsilon: number): T {
  return layers().rmsNorm(x, weight, epsilon) as T;
}

/**
 * The gated linear unit of Llama's feed-forward layer, `silu(gate) up` with `silu(z) = z sigmoid(z)`, elementwise.
 *
 * @param gate any shape
 * @param up the same shape
 * @example
 * swiGlu(tf.tensor1d([1]), tf.tensor1d([2])).print(); // Tensor [1.462117]
 */
export function swiGlu<T extends tf.Tensor>(gate: T, up: T): T {
  return layers().swiGlu(gate, up) as T;
}

/**
 * Self-attention over packed trees of tokens: queries and keys are rotated by their positions, then each token gets
 * `softmax(q k^T / sqrt(headSize)) v` over the tokens that it sees. Several query heads may share one head of keys and values.
 *
 * What depends on the trees alone is prepared once; the returned function serves every layer. Its queries are `[tokens, heads *
 * headSize]`, its keys and values `[tokens, keyValueHeads * headSize]`, and so is its result for the queries.
 *
 * @param angles `[tokens, headSize / 2]`, in radians: position times frequency
 */
export function attentionOver(trees: TokenTrees, angles: tf.Tensor2D): Attention {
  return layers().attentionOver(trees, angles);
}

/**
 * The log-probability of each row's target: `logits[i, targets[i]] - logSumExp(logits[i])`. The log-softmax is not kept for the
 * gradient, which is `dy (oneHot(target) - softmax(logits))`.
 *
 * @param logits `[rows, vocabulary]`
 * @param targets int32 `[rows]`
 * @returns `[rows]`, in nats
 */
export function targetLogProbs(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  return layers().targetLogProbs(logits, targets);
}

/**
 * `targetLogProbs` of the logits `states weight^T`. If there are many logits, they never exist as a whole: they are computed in
 * parts, and again for the gradient.
 *
 * @param states `[rows, width]`
 * @param weight `[vocabulary, width]`
 * @param targets int32 `[rows]`
 * @param isFrozen whether no gradient of `weight` is needed
 * @returns `[rows]`, in nats
 */
export function headLogProbs(
  states: tf.Tensor2D,
  weight: tf.Tensor2D,
  targets: tf.Tensor1D,
  isFrozen = false,
): tf.Tensor1D {
  return layers().headLogProbs(states, weight, targets, isFrozen);
}

/**
 * One step of AdamW on one tensor, with PyTorch's arithmetic, for `g` = scale times the gradient: `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
 * `p = decay p - stepSize m / (sqrt(v) / correction + epsilon)`.
 *
 * @returns the parameter, the running mean and the running mean square after the step
 */
export function adamWStep(
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  mean: tf.Tensor,
  square: tf.Tensor,
  settings: AdamWSettings,
): readonly [parameter: tf.Tensor, mean: tf.Tensor, square: tf.Tensor] {
  return layers().adamWStep(parameter, gradient, mean, square, settings);
}
