/** What a backend takes and returns that computes the next tokens of sequences in one operation, layers and choice together. */
import type * as tf from '@tensorflow/tfjs';

/** A linear map `x W^T`, plus a bias and an adapter's `scale (x A^T) B^T` if there are any. */
export interface DecoderMap {
  /** W: `[out, in]` */
  readonly weight: tf.Tensor;
  /** `[out]` */
  readonly bias?: tf.Tensor;
  /** A: `[rank, in]` */
  readonly down?: tf.Tensor;
  /** B: `[out, rank]` */
  readonly up?: tf.Tensor;
}

/** One layer; `window` is the number of tokens that a token sees, itself included, and 0 for all earlier ones. */
export interface DecoderLayer {
  readonly window: number;
  /** Whether queries and keys are rotated by their positions. */
  readonly rotates: boolean;
  readonly norms: {
    readonly input: tf.Tensor;
    readonly output: tf.Tensor;
    /** Of each head's queries and keys. */
    readonly query?: tf.Tensor;
    readonly key?: tf.Tensor;
  };
  readonly maps: Readonly<Record<'query' | 'key' | 'value' | 'output' | 'gate' | 'up' | 'down', DecoderMap>>;
}

/** A model as its tensors; nothing is copied, so a change of a variable counts at once. */
export interface DecoderModel {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly normEpsilon: number;
  readonly adapterScale: number;
  /** Radians per position: `[headSize / 2]`. */
  readonly frequencies: readonly number[];
  /** `[vocabulary, hiddenSize]` */
  readonly embedding: tf.Tensor;
  readonly finalNorm: tf.Tensor;
  readonly head: DecoderMap;
  readonly layers: readonly DecoderLayer[];
}

/** Keys and values of earlier tokens, which `decode` writes in place. */
export interface DecoderCache {
  readonly keys: tf.Tensor2D;
  readonly values: tf.Tensor2D;
}

/** New tokens of a sequence that one or more rows have in common: a prompt, or the last token of one row. */
export interface DecoderSegment {
  readonly tokens: readonly number[];
  /** The position of the first of them: how many tokens of the rows the cache has. */
  readonly position: number;
  readonly rows: readonly DecoderRow[];
}

/** One sequence that a token is chosen for. */
export interface DecoderRow {
  /** Its place in the cache. */
  readonly slot: number;
  /** The tokens that the repetition penalty applies to; read only if there is one. */
  readonly seen: Iterable<number>;
  /** Uniform in [0, 1), one per step; none at temperature 0. */
  readonly draws: readonly number[];
}

/** How tokens are chosen, and how many. */
export interface DecoderOptions {
  readonly temperature: number;
  /** 0: no limit */
  readonly topK: number;
  readonly topP: number;
  readonly repetitionPenalty: number;
  /** The tokens that end a row. When one ends, the operation returns. */
  readonly ends: readonly number[];
  /** Most tokens per row. */
  readonly steps: number;
  /** No further step is started after this time. */
  readonly milliseconds: number;
}

/** The operations of a backend that decodes. */
export interface NativeDecoder {
  /** Most tokens that go through the layers at a time; what a pass holds is for so many. */
  readonly tokensAtOnce: number;
  /** A cache for so many rows of so many tokens, or more; the values of `earlier`, which is disposed of, are kept. */
  cache(model: DecoderModel, slots: number, tokens: number, earlier?: DecoderCache): DecoderCache;
  /** How many tokens per row a cache has room for. */
  capacity(model: DecoderModel, cache: DecoderCache): number;
  /**
   * Computes the next tokens of all rows, at least one each.
   *
   * @returns for each step the tokens of all rows, in their order; -1 where the scores are not finite
   */
  decode(
    model: DecoderModel,
    cache: DecoderCache,
    segments: readonly DecoderSegment[],
    options: DecoderOptions,
  ): Promise<number[][]>;
}
