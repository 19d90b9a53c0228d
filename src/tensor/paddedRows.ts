/** Packed trees as rows of equal length, for backends whose attention is made of batched products. */
import * as tf from '@tensorflow/tfjs';
import { differentiable } from './customGradient.js';
import type { TokenTrees } from './layerTypes.js';

/** Added to the attention score of a token that must not be seen; its weight is then exactly 0 in float32. */
export const maskedScore = -1e9;

/** Trees as rows: each tree is one, padded on the right to the longest. */
export interface PaddedRows {
  /** The length of every row. */
  readonly length: number;
  /** `[rows, 1, length, length]`: 0 if the token (third axis) sees the other (last axis), otherwise `maskedScore`. */
  readonly mask: tf.Tensor4D;
  /** `[tokens, width]` becomes `[rows * length, width]`; what is in the padding has no effect. */
  pad(packed: tf.Tensor2D): tf.Tensor2D;
  /** `[rows * length, width]` becomes `[tokens, width]`. */
  unpad(padded: tf.Tensor2D): tf.Tensor2D;
}

/**
 * Prepares the rows of trees. To be called in a tidy; the tensors live until its end.
 *
 * Padding sees itself, because a softmax over nothing would be NaN, and no other token sees it. So its values stay in the padding,
 * in the gradient too, and need not be 0: it repeats the first token.
 */
export function paddedRows({ offsets, ranges }: TokenTrees): PaddedRows {
  const rows = offsets.length - 1;
  const lengths = Array.from({ length: rows }, (_, row) => offsets[row + 1]! - offsets[row]!);
  const length = Math.max(0, ...lengths);
  const placeOfToken = new Int32Array(offsets[rows]!);
  const tokenAtPlace = new Int32Array(rows * length);
  const mask = new Float32Array(rows * length * length).fill(maskedScore);
  for (let row = 0; row < rows; row++) {
    const first = offsets[row]!;
    const start = row * length;
    for (let column = 0; column < length; column++) {
      const seen = (start + column) * length;
      if (column >= lengths[row]!) {
        mask[seen + column] = 0;
        continue;
      }
      const token = first + column;
      placeOfToken[token] = start + column;
      tokenAtPlace[start + column] = token;
      const [a, b, c, d] = ranges.subarray(4 * token, 4 * token + 4) as unknown as [number, number, number, number];
      mask.fill(0, seen + a - first, seen + b - first);
      mask.fill(0, seen + c - first, seen + d - first);
    }
  }
  const isFull = lengths.every((count) => count === length);
  const places = tf.tensor1d(placeOfToken, 'int32');
  const tokens = tf.tensor1d(tokenAtPlace, 'int32');
  return {
    length,
    mask: tf.tensor4d(mask, [rows, 1, length, length]),
    pad: (packed) => (isFull ? packed : moved(packed, tokens, places)),
    unpad: (padded) => (isFull ? padded : moved(padded, places, tokens)),
  };
}

/** The rows of `x` in another order, or repeated; `back` gives the place of each row of `x` in the result. */
function moved(x: tf.Tensor2D, order: tf.Tensor1D, back: tf.Tensor1D): tf.Tensor2D {
  return differentiable([x], (save) => {
    save([back]);
    return { value: tf.gather(x, order), gradient: (dy, [kept]) => [tf.gather(dy, kept as tf.Tensor1D)] };
  }) as tf.Tensor2D;
}
