/** What the layers of a transformer take and return, and the interface that each implementation of them satisfies. */
import type * as tf from '@tensorflow/tfjs';

/** Tokens of many sequences one after another, without padding, as trees: responses to one prompt share its tokens. */
export interface TokenTrees {
  /** The index of each tree's first token, and at the end the number of tokens: `[trees + 1]`. */
  readonly offsets: Int32Array;
  /**
   * For each token the two ranges of tokens that it sees, in increasing order, as `start, end, start, end` with the ends left out:
   * the trunk of its tree, and its own branch up to itself. The second is empty for a token of the trunk. `[4 * tokens]`
   */
  readonly ranges: Int32Array;
}

/** Attention over the trees that it was made for; `attentionOver` in layers.ts documents it. */
export type Attention = (queries: tf.Tensor2D, keys: tf.Tensor2D, values: tf.Tensor2D) => tf.Tensor2D;

/** The rotation of a rotary position embedding, for the queries or for the keys; each tensor is `[rows, 1, length, headSize]`. */
export interface Turn {
  /** The second half of a head repeats the first. */
  readonly cosine: tf.Tensor4D;
  readonly sine: tf.Tensor4D;
  /** `-sine`: the gradient is the opposite rotation. */
  readonly negativeSine: tf.Tensor4D;
}

/** A rotary position embedding for a batch of tokens. */
export interface Rotation {
  /** Contains the scale `1 / sqrt(headSize)` of the attention scores, so that scaling needs no operation of its own. */
  readonly queries: Turn;
  readonly keys: Turn;
  /** `[headSize, headSize]`: the matrix that turns (x1, x2) into (-x2, x1), each one half of a head. */
  readonly quarterTurn: tf.Tensor2D;
}

/** The numbers of one AdamW step. The caller computes the bias corrections. */
export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** `learningRate / (1 - beta1^t)` */
  readonly stepSize: number;
  /** `sqrt(1 - beta2^t)` */
  readonly correction: number;
  /** `1 - learningRate weightDecay` */
  readonly decay: number;
  /** The gradient is multiplied by this first: clipping. */
  readonly scale: number;
}

/** The layers as one implementation computes them; layers.ts documents each function with its shapes. */
export interface Layers {
  linear(x: tf.Tensor2D, weight: tf.Tensor2D, isFrozen: boolean): tf.Tensor2D;
  adaptedLinear(x: tf.Tensor2D, weight: tf.Tensor2D, a: tf.Tensor2D, b: tf.Tensor2D, scale: number): tf.Tensor2D;
  rmsNorm(x: tf.Tensor, weight: tf.Tensor, epsilon: number): tf.Tensor;
  swiGlu(gate: tf.Tensor, up: tf.Tensor): tf.Tensor;
  attentionOver(trees: TokenTrees, angles: tf.Tensor2D): Attention;
  headLogProbs(states: tf.Tensor2D, weight: tf.Tensor2D, targets: tf.Tensor1D, isFrozen: boolean): tf.Tensor1D;
  targetLogProbs(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D;
  adamWStep(
    parameter: tf.Tensor,
    gradient: tf.Tensor,
    mean: tf.Tensor,
    square: tf.Tensor,
    settings: AdamWSettings,
  ): readonly [parameter: tf.Tensor, mean: tf.Tensor, square: tf.Tensor];
}
