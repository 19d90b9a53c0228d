/**
 * The layers as TensorFlow.js operations, for any backend. Their gradients are written by hand: each layer is one entry on the
 * tape instead of 5 to 20, and its gradient takes a third of the operations.
 */
import * as tf from '@tensorflow/tfjs';
import { differentiable, recomputed } from './customGradient.js';
import type { Layers, Rotation, Turn } from './layerTypes.js';
import { linearLayers } from './linear.js';
import { paddedRows } from './paddedRows.js';

/** Up to this many logits are kept for the gradient (16 MB); more are computed again. */
export const keptLogits = 2 ** 22;

/** The layers on any backend; layers.ts documents each of them. */
export const composedLayers: Layers = {
  ...linearLayers({
    product: (x, weight) => tf.matMul(x, weight, false, true),
    inputGradient: (dy, weight) => tf.matMul(dy, weight),
    weightGradient: (dy, x) => tf.matMul(dy, x, true, false),
  }),

  // With n = x / sqrt(mean(x^2) + epsilon) and g = dy weight: dx = (g - n mean(g n)) / sqrt(...), dweight = sum(dy n).
  rmsNorm: (x, weight, epsilon) =>
    differentiable([x, weight], (save) => {
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
      const normalised = tf.mul(x, inverse);
      save([normalised, inverse, weight]);
      return {
        value: tf.mul(normalised, weight),
        gradient: (dy, saved) => {
          const [n, keptInverse, keptWeight] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
          const g = tf.mul(dy, keptWeight);
          const along = tf.mean(tf.mul(g, n), -1, true);
          const outer = [...Array(dy.rank - 1).keys()];
          return [tf.mul(tf.sub(g, tf.mul(n, along)), keptInverse), tf.sum(tf.mul(dy, n), outer)];
        },
      };
    }),

  swiGlu: (gate, up) =>
    differentiable([gate, up], (save) => {
      const weight = tf.sigmoid(gate);
      const activated = tf.mul(gate, weight);
      save([weight, activated, up]);
      return {
        value: tf.mul(activated, up),
        // silu'(z) = s + z s (1 - s) = s + silu(z) - silu(z) s
        gradient: (dy, saved) => {
          const [s, silu, keptUp] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
          return [tf.mul(tf.mul(dy, keptUp), tf.add(s, tf.sub(silu, tf.mul(silu, s)))), tf.mul(dy, silu)];
        },
      };
    }),

  attentionOver: (trees, angles) => {
    const rows = paddedRows(trees);
    const { length, mask } = rows;
    const half = rows.pad(angles);
    const headSize = 2 * angles.shape[1];
    const rotation = rotationBy(tf.reshape(tf.concat2d([half, half], 1), [mask.shape[0], 1, length, headSize]));
    const split = (x: tf.Tensor2D) => splitHeads(rows.pad(x), mask.shape[0], length, headSize);
    return (queries, keys, values) =>
      rows.unpad(
        joinHeads(
          attend(
            rotate(split(queries), rotation.queries, rotation.quarterTurn),
            rotate(split(keys), rotation.keys, rotation.quarterTurn),
            split(values),
            mask,
          ),
        ),
      );
  },

  targetLogProbs: (logits, targets) =>
    differentiable([logits], (save) => {
      const [rows, vocabulary] = logits.shape;
      save([logits, targets]);
      const flat = tf.add(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(vocabulary, 'int32')), targets);
      const picked = tf.gather(tf.reshape(logits, [-1]), tf.cast(flat, 'int32'));
      // Not picked - logSumExp: if all scores are large, adding the largest would round the logarithm away.
      const largest = tf.max(logits, -1, true);
      const logSum = tf.log(tf.sum(tf.exp(tf.sub(logits, largest)), -1));
      return {
        value: tf.sub(tf.sub(picked, tf.reshape(largest, [rows])), logSum),
        gradient: (dy, saved) => {
          const [kept, keptTargets] = saved as [tf.Tensor2D, tf.Tensor1D];
          // Cast from int32: if float32 is requested, the WebAssembly backend writes integers into the float buffer.
          const difference = tf.sub(tf.cast(tf.oneHot(keptTargets, vocabulary), 'float32'), tf.softmax(kept));
          return [tf.mul(tf.reshape(dy, [-1, 1]), difference)];
        },
      };
    }) as tf.Tensor1D,

  headLogProbs: (states, weight, targets, isFrozen) => {
    const [rows, vocabulary] = [states.shape[0], weight.shape[0]];
    const rowsAtOnce = Math.max(1, Math.floor(keptLogits / vocabulary));
    const part = (some: tf.Tensor2D, kept: tf.Tensor2D, itsTargets: tf.Tensor1D) =>
      composedLayers.targetLogProbs(composedLayers.linear(some, kept, isFrozen), itsTargets);
    if (rows <= rowsAtOnce) return part(states, weight, targets);
    const starts = Array.from({ length: Math.ceil(rows / rowsAtOnce) }, (_, index) => index * rowsAtOnce);
    const values = starts.map((start) => {
      const count = Math.min(rowsAtOnce, rows - start);
      const some = tf.slice2d(states, [start, 0], [count, -1]);
      const itsTargets = tf.slice1d(targets, start, count);
      return isFrozen
        ? recomputed([some], [weight, itsTargets], ([x], [w, t]) =>
            part(x as tf.Tensor2D, w as tf.Tensor2D, t as tf.Tensor1D),
          )
        : recomputed([some, weight], [itsTargets], ([x, w], [t]) =>
            part(x as tf.Tensor2D, w as tf.Tensor2D, t as tf.Tensor1D),
          );
    });
    return tf.concat1d(values as tf.Tensor1D[]);
  },

  adamWStep: (parameter, raw, mean, square, { beta1, beta2, epsilon, stepSize, correction, decay, scale: clip }) => {
    const gradient = clip === 1 ? raw : tf.mul(raw, clip);
    // Each part is a tidy, so that 5 temporary tensors of the parameter's size are in memory at a time, not 14.
    const newMean = tf.tidy(() => tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
    const newSquare = tf.tidy(() => tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const move = tf.tidy(() => {
      const scale = tf.tidy(() => tf.add(tf.div(tf.sqrt(newSquare), correction), epsilon));
      return tf.mul(tf.div(newMean, scale), stepSize);
    });
    const moved = tf.tidy(() => tf.sub(decay === 1 ? parameter : tf.mul(parameter, decay), move));
    move.dispose();
    return [moved, newMean, newSquare];
  },
};

/**
 * The rotation by given angles.
 *
 * @param angles `[rows, 1, length, headSize]`, in radians; the second half of a head repeats the first
 */
export function rotationBy(angles: tf.Tensor4D): Rotation {
  const headSize = angles.shape[3];
  const quarterTurn = tf.buffer([headSize, headSize]);
  for (let index = 0; index < headSize / 2; index++) {
    quarterTurn.set(-1, index + headSize / 2, index);
    quarterTurn.set(1, index, index + headSize / 2);
  }
  const turn = (scale: number): Turn => {
    const sine = tf.mul<tf.Tensor4D>(tf.sin(angles), scale);
    return { cosine: tf.mul(tf.cos(angles), scale), sine, negativeSine: tf.neg(sine) };
  };
  return {
    queries: turn(1 / Math.sqrt(headSize)),
    keys: turn(1),
    quarterTurn: quarterTurn.toTensor() as tf.Tensor2D,
  };
}

/** Splits the heads: `[rows * length, heads * headSize]` becomes `[rows, heads, length, headSize]`. */
export function splitHeads(x: tf.Tensor2D, rows: number, length: number, headSize: number): tf.Tensor4D {
  return tf.transpose<tf.Tensor4D>(tf.reshape(x, [rows, length, x.shape[1] / headSize, headSize]), [0, 2, 1, 3]);
}

/** Joins the heads: `[rows, heads, length, headSize]` becomes `[rows * length, heads * headSize]`. */
export function joinHeads(x: tf.Tensor4D): tf.Tensor2D {
  const [rows, heads, length, headSize] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [rows * length, heads * headSize]);
}

/**
 * Rotary position embedding: `x cos + (-x2, x1) sin`, with x1 and x2 the halves of a head, as in Hugging Face's transformers.
 * Its gradient is the opposite rotation. The quarter turn is a product with a matrix of 0, 1 and -1, which is as exact as slicing
 * and faster on every backend.
 *
 * @param x `[rows, heads, length, headSize]`
 */
export function rotate(x: tf.Tensor4D, { cosine, sine, negativeSine }: Turn, quarterTurn: tf.Tensor2D): tf.Tensor4D {
  const turn = (value: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor, matrix: tf.Tensor2D) => {
    const turned = tf.reshape(tf.matMul(tf.reshape(value, [-1, matrix.shape[0]]), matrix), value.shape);
    return tf.add(tf.mul(value, cos), tf.mul(turned, sin));
  };
  return differentiable([x], (save) => {
    save([cosine, negativeSine, quarterTurn]);
    return {
      value: turn(x, cosine, sine, quarterTurn),
      gradient: (dy, saved) => {
        const [cos, sin, matrix] = saved as [tf.Tensor, tf.Tensor, tf.Tensor2D];
        return [turn(dy, cos, sin, matrix)];
      },
    };
  }) as tf.Tensor4D;
}

/**
 * Attention, `softmax(queries keys^T + mask) values`. Query heads that share a key head are computed in one product. The queries
 * must be scaled already.
 *
 * @param queries `[rows, heads, length, headSize]`
 * @param keys `[rows, keyValueHeads, seen, headSize]`
 * @param values the same shape as `keys`
 * @param mask `[rows, 1, length, seen]`
 * @returns `[rows, heads, length, headSize]`
 */
export function attend(queries: tf.Tensor4D, keys: tf.Tensor4D, values: tf.Tensor4D, mask: tf.Tensor4D): tf.Tensor4D {
  const [rows, heads, length, headSize] = queries.shape;
  const [, keyValueHeads, seen] = keys.shape;
  // Query heads that share a key head are stacked, so that no key is repeated in memory.
  const stack = (x: tf.Tensor, size: number) =>
    reshaped(x, [rows, keyValueHeads, (heads / keyValueHeads) * length, size]);
  const spread = (x: tf.Tensor, size: number) => reshaped(x, [rows, heads, length, size]);
  return differentiable([queries, keys, values], (save) => {
    const stacked = stack(queries, headSize);
    const scores = spread(tf.matMul(stacked, keys, false, true), seen);
    const weights = stack(tf.softmax(tf.add(scores, mask)), seen);
    save([stacked, keys, values, weights]);
    return {
      value: spread(tf.matMul(weights, values), headSize),
      gradient: (dy, saved) => {
        const [q, k, v, w] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const upstream = stack(dy, headSize);
        const weighted = tf.mul(tf.matMul(upstream, v, false, true), w);
        const scoreGradient = tf.sub(weighted, tf.mul(w, tf.sum(weighted, -1, true)));
        return [
          spread(tf.matMul(scoreGradient, k), headSize),
          tf.matMul(scoreGradient, q, true, false),
          tf.matMul(w, upstream, true, false),
        ];
      },
    };
  }) as tf.Tensor4D;
}

/** A reshape that costs nothing if the shape is right already. */
function reshaped(x: tf.Tensor, shape: number[]): tf.Tensor {
  return tf.util.arraysEqual(x.shape, shape) ? x : tf.reshape(x, shape);
}
