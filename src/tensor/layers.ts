/**
 * The layers of a transformer as single differentiable functions, each with its gradient written out.
 *
 * Differentiated operation by operation, a training step of a small model spends most of its time on bookkeeping: each
 * of these is one entry on the tape instead of five to twenty, and its gradient takes a third of the operations.
 */
import * as tf from '@tensorflow/tfjs';

/**
 * Root-mean-square normalisation, `x / sqrt(mean(x^2) + epsilon) * weight` over the last axis.
 *
 * With `n = x / sqrt(...)` and `g = dy weight` the gradients are `dx = (g - n mean(g n)) / sqrt(...)`, `dweight = sum(dy n)`.
 *
 * @param x `[..., size]`
 * @param weight `[size]`
 * @example
 * rmsNorm(tf.tensor2d([[3, 4]]), tf.ones([2]), 0).print(); // 0.8485, 1.1314
 */
export function rmsNorm<T extends tf.Tensor>(x: T, weight: tf.Tensor, epsilon: number): T {
  return differentiable(
    (save, input, scale) => {
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input!), -1, true), epsilon));
      const normalised = tf.mul(input!, inverse);
      save([normalised, inverse, scale!]);
      return {
        value: tf.mul(normalised, scale!),
        gradient: (dy, [kept, keptInverse, keptScale]) => {
          const g = tf.mul(dy, keptScale!);
          const along = tf.mean(tf.mul(g, kept!), -1, true);
          const outer = [...Array(dy.rank - 1).keys()];
          return [tf.mul(tf.sub(g, tf.mul(kept!, along)), keptInverse!), tf.sum(tf.mul(dy, kept!), outer)];
        },
      };
    },
    [x, weight],
  ) as T;
}

/**
 * The gated linear unit of Llama's feed-forward layer, `silu(gate) up` with `silu(z) = z sigmoid(z)`, elementwise.
 *
 * @param gate any shape
 * @param up the same shape
 * @example
 * swiGlu(tf.tensor1d([1]), tf.tensor1d([2])).print(); // 1.4621
 */
export function swiGlu<T extends tf.Tensor>(gate: T, up: T): T {
  return differentiable(
    (save, z, linear) => {
      const gateWeight = tf.sigmoid(z!);
      const activated = tf.mul(z!, gateWeight);
      save([gateWeight, activated, linear!]);
      return {
        value: tf.mul(activated, linear!),
        // silu'(z) = s + z s (1 - s) = s + silu(z) - silu(z) s
        gradient: (dy, [s, silu, keptUp]) => [
          tf.mul(tf.mul(dy, keptUp!), tf.add(s!, tf.sub(silu!, tf.mul(silu!, s!)))),
          tf.mul(dy, silu!),
        ],
      };
    },
    [gate, up],
  ) as T;
}

/** Cosines and sines of a rotary position embedding. */
export interface Rotation {
  /** Broadcasts against what is rotated: `[rows, 1, length, headSize]`. */
  readonly cosine: tf.Tensor;
  readonly sine: tf.Tensor;
  readonly negativeSine: tf.Tensor;
  /** `[headSize, headSize]`: the matrix that turns (x1, x2) into (-x2, x1), each a half of a head. */
  readonly quarterTurn: tf.Tensor2D;
}

/**
 * Rotary position embedding, halves paired as transformers pairs them: `x cos + (-x2, x1) sin`; its gradient is the
 * rotation by the opposite angle. The turn is a product with a matrix of 0, 1 and -1: as exact as slicing, and faster on
 * every backend.
 *
 * @param x `[rows, heads, length, headSize]`
 */
export function rotate(x: tf.Tensor4D, rotation: Rotation): tf.Tensor4D {
  const { cosine, sine, negativeSine, quarterTurn } = rotation;
  const turn = (value: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor, matrix: tf.Tensor2D) => {
    const turned = tf.reshape(tf.matMul(tf.reshape(value, [-1, matrix.shape[0]]), matrix), value.shape);
    return tf.add(tf.mul(value, cos), tf.mul(turned, sin));
  };
  return differentiable(
    (save, value) => {
      save([cosine, negativeSine, quarterTurn]);
      return {
        value: turn(value!, cosine, sine, quarterTurn),
        gradient: (dy, [cos, sin, matrix]) => [turn(dy, cos!, sin!, matrix as tf.Tensor2D)],
      };
    },
    [x],
  ) as tf.Tensor4D;
}

/**
 * Attention of queries to keys: `softmax(queries keys^T + mask) values`, one product for all query heads that share a head
 * of keys. Queries come scaled.
 *
 * @param queries `[rows, heads, length, headSize]`
 * @param keys `[rows, keyValueHeads, seen, headSize]`
 * @param values the same shape as `keys`
 * @param mask `[rows, 1, length, seen]`, added to the scores; has no gradient
 * @returns `[rows, heads, length, headSize]`
 */
export function attend(queries: tf.Tensor4D, keys: tf.Tensor4D, values: tf.Tensor4D, mask: tf.Tensor4D): tf.Tensor4D {
  const [rows, heads, length, headSize] = queries.shape;
  const [, keyValueHeads, seen] = keys.shape;
  // Query heads that share a key head are laid one below the other, so no key is ever repeated in memory.
  const stackedLength = (heads / keyValueHeads) * length;
  const stack = (x: tf.Tensor, size: number) => reshaped(x, [rows, keyValueHeads, stackedLength, size]);
  const spread = (x: tf.Tensor, size: number) => reshaped(x, [rows, heads, length, size]);
  return differentiable(
    (save, q, k, v) => {
      const stacked = stack(q!, headSize);
      const scores = spread(tf.matMul(stacked, k!, false, true), seen);
      const weights = stack(tf.softmax(tf.add(scores, mask)), seen);
      save([stacked, k!, v!, weights]);
      return {
        value: spread(tf.matMul(weights, v!), headSize),
        gradient: (dy, [keptQ, keptK, keptV, w]) => {
          const upstream = stack(dy, headSize);
          const weightGradient = tf.matMul(upstream, keptV!, false, true);
          const weighted = tf.mul(weightGradient, w!);
          const scoreGradient = tf.sub(weighted, tf.mul(w!, tf.sum(weighted, -1, true)));
          return [
            spread(tf.matMul(scoreGradient, keptK!), headSize),
            tf.matMul(scoreGradient, keptQ!, true, false),
            tf.matMul(w!, upstream, true, false),
          ];
        },
      };
    },
    [queries, keys, values],
  ) as tf.Tensor4D;
}

/** A reshape that costs nothing where the shape is right already. */
function reshaped(x: tf.Tensor, shape: number[]): tf.Tensor {
  return tf.util.arraysEqual(x.shape, shape) ? x : tf.reshape(x, shape);
}

interface Differentiated {
  readonly value: tf.Tensor;
  /** One gradient an input, from the gradient of the value and what was saved. */
  readonly gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/** `tf.customGrad` with its loosely typed arguments in one place. */
function differentiable(
  compute: (save: (tensors: tf.Tensor[]) => void, ...inputs: tf.Tensor[]) => Differentiated,
  inputs: tf.Tensor[],
): tf.Tensor {
  const operation = tf.customGrad((...given) => {
    const save = given.at(-1) as tf.GradSaveFunc;
    const { value, gradient } = compute(save, ...(given.slice(0, -1) as tf.Tensor[]));
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved) };
  });
  return operation(...inputs);
}
