/** A model as it lies on the disk, before its weights are read. */
import type { Checkpoint } from './checkpoint.js';
import type { ModelConfig } from './config.js';
import type { GenerationConfig } from './generationConfig.js';
import type { Tokenizer } from './tokenizer.js';

/** Everything about a model but the values of its weights, which `checkpoint` reads one at a time. */
export interface ModelSource {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly generationConfig: GenerationConfig;
  readonly checkpoint: Checkpoint;
}
