/**
 * The memory that the layers need, in numbers per token: what a pass holds at its peak, counted on live tensors of both
 * implementations of the layers. tests/training/memory.test.ts compares the estimates with the peaks of real processes.
 */
import { activeBackend, backends } from './backends.js';
import { fusedLayers } from './fusedLayers.js';

/** Float32 numbers per token of one layer, as multiples of the widths of its tensors. */
export interface LayerFloats {
  /** Of the hidden states. */
  readonly hidden: number;
  /** Of the queries: heads times head size. */
  readonly queries: number;
  /** Of the keys; the values have the same width. */
  readonly keys: number;
  /** Of the feed-forward layer. */
  readonly intermediate: number;
  /** Of the attention weights: heads times visible tokens. */
  readonly scores: number;
}

/** What an implementation of the layers needs beside the parameters. */
export interface LayerMemory {
  /** Whether nothing is padded; otherwise attention pads every tree to the longest. */
  readonly isPacked: boolean;
  /** Held per layer from the forward pass until the layer's gradient is computed. */
  readonly training: LayerFloats;
  /** Needed by one layer while it runs, and free afterwards. */
  readonly forward: LayerFloats;
  /**
   * Copies of the logits `[predictions, vocabulary]`, of which at most `keptLogits` exist at a time: in a pass without gradients, at the
   * peak of the gradient, and after it.
   */
  readonly logits: { readonly forward: number; readonly peak: number; readonly kept: number };
  /** Copies of one linear map's weight while it is applied. */
  readonly weightCopies: number;
  /** Temporary tensors of an optimizer's step, of the size of the group that it updates. */
  readonly stepTensors: number;
}

const composed: LayerMemory = {
  isPacked: false,
  training: { hidden: 4, queries: 2, keys: 2, intermediate: 4, scores: 1 },
  forward: { hidden: 8, queries: 5, keys: 5, intermediate: 5, scores: 4 },
  logits: { forward: 4, peak: 6, kept: 2 },
  weightCopies: 2,
  stepTensors: 5,
};

const fused: LayerMemory = {
  isPacked: true,
  training: { hidden: 4, queries: 2, keys: 2, intermediate: 3, scores: 0 },
  forward: { hidden: 6, queries: 3, keys: 3, intermediate: 3, scores: 0 },
  logits: { forward: 2, peak: 4, kept: 2 },
  weightCopies: 1,
  stepTensors: 3,
};

/** The memory that the layers of the running backend need. */
export function layerMemory(): LayerMemory {
  const id = activeBackend();
  return id !== undefined && backends[id].layers() === fusedLayers ? fused : composed;
}
