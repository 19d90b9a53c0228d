/** What generation asks of a decoder: the next tokens of the rows of a batch, of which some may be new and others gone. */
import type { Random } from '../core/random.js';
import type { SamplingOptions } from './sampling.js';

/** One prompt and what follows it so far. */
export interface GenerationRow {
  readonly prompt: readonly number[];
  readonly response: number[];
  /** The ids that occur in both. */
  readonly seen: Set<number>;
  /** The row's own random stream. */
  readonly random: Random;
}

/** Computes next tokens and keeps keys and values of the earlier ones. */
export interface Decoder {
  /**
   * The next tokens of each row, at least one. Rows that the call before did not have are begun, rows that it had and this one lacks
   * are forgotten. The caller adds the tokens to the rows' responses.
   *
   * @param most tokens per row
   */
  next(rows: readonly GenerationRow[], most: number): Promise<readonly (readonly number[])[]>;
  /** Frees the keys and values. */
  dispose(): void;
}

/** What a decoder needs to know beside the model. */
export interface DecoderSettings extends SamplingOptions {
  /** Ids that end a row; a decoder chooses nothing after one. */
  readonly ends: ReadonlySet<number>;
  /** Most rows of a call. */
  readonly rows: number;
  /** Most new tokens of a row. */
  readonly maxNewTokens: number;
}
