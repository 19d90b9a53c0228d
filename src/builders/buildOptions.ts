import type { SkippedPrompt } from '../pairs/rows/skipped.js';
import type { LengthLimits } from './lengthControl.js';
import type { PromptLike } from './promptLike.js';

/** The options that all builders take. */
export interface BuildOptions {
  /** The prompts, in order; may be endless. A builder reads only as many as `count` pairs need, rounded up to a batch. */
  readonly prompts: Iterable<PromptLike> | AsyncIterable<PromptLike>;
  /** How many pairs to build, or fewer if the prompts end before; all that the prompts give by default. */
  readonly count?: number;
  /** 0 by default. */
  readonly seed?: number;
  /** Temperature of the sampled responses; 1 (the default) samples from the responder's own distribution. */
  readonly temperature?: number;
  /** Longest sampled response in tokens; the responder's own limit by default. */
  readonly maxTokens?: number;
  /** How often each prompt is tried, with fresh samples; 1 by default. */
  readonly pairsPerPrompt?: number;
  /** Skips pairs whose responses are too long or differ too much in length. */
  readonly length?: LengthLimits;
  /** Prompts per call of a responder that takes batches; 64 by default. */
  readonly batchSize?: number;
  /** Called for each prompt that gave no pair, in the order of the prompts. */
  readonly onSkipped?: (skipped: SkippedPrompt) => void;
  /** Aborts the building: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
}
