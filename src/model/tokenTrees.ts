/** Which tokens see which: sequences, and windows. Pure functions on `TokenTrees`. */
import { tf, type TokenTrees } from '../tensor/index.js';

/** The tokens of a forward pass, one sequence or tree after another. */
export interface TokenBatch {
  /** int32 `[tokens]` */
  readonly tokens: tf.Tensor1D;
  /** int32 `[tokens]`: each token's position in its own sequence, from 0. */
  readonly positions: tf.Tensor1D;
  /** Which token sees which. */
  readonly trees: TokenTrees;
}

/**
 * One sequence as a batch: each token sees itself and all before it.
 *
 * @returns tensors that the caller disposes of, or a tidy
 *
 * @example
 * sequenceBatch([5, 7]).trees.ranges; // Int32Array(8) [0, 1, 1, 1, 0, 2, 2, 2]
 */
export function sequenceBatch(ids: readonly number[]): TokenBatch {
  const ranges = Int32Array.from(ids.flatMap((_, index) => [0, index + 1, index + 1, index + 1]));
  return {
    tokens: tf.tensor1d([...ids], 'int32'),
    positions: tf.tensor1d([...ids.keys()], 'int32'),
    trees: { offsets: Int32Array.of(0, ids.length), ranges },
  };
}

/**
 * The same trees in which a token sees only the last `window` tokens of its sequence, itself included. Positions are consecutive along
 * a sequence, so these are the last tokens of its two ranges.
 */
export function narrowed({ offsets, ranges }: TokenTrees, window: number): TokenTrees {
  const result = Int32Array.from(ranges);
  for (let at = 0; at < result.length; at += 4) {
    const [start, end, branch, last] = result.subarray(at, at + 4) as unknown as [number, number, number, number];
    const hidden = Math.max(0, end - start + last - branch - window);
    const ofTrunk = Math.min(hidden, end - start);
    result[at] = start + ofTrunk;
    result[at + 2] = branch + hidden - ofTrunk;
  }
  return { offsets, ranges: result };
}
