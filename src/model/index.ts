/** Causal language models of the Llama family: read, run, generate, save. */
export { type Adapter } from './adapter.js';
export { loadAdapter, saveAdapter } from './adapterFiles.js';
export { architectures, type Architecture, type ArchitectureId } from './architectures.js';
export { createChatTemplate, type ChatMessage, type ChatTemplate, type RenderOptions } from './chatTemplate.js';
export { formatConfig, parseConfig, type ModelConfig } from './config.js';
export { maskedScore, hiddenStates, logits, type TokenBatch } from './forward.js';
export { fromPretrained } from './fromPretrained.js';
export { generateSteps, generateTokens, type GeneratedToken, type GenerateOptions } from './generate.js';
export { type GenerationConfig } from './generationConfig.js';
export { LanguageModel, type Prompt, type SaveOptions } from './languageModel.js';
export {
  addAdapter,
  adapterTargets,
  mergeAdapter,
  referenceParameters,
  type AdapterOptions,
  type AdapterTarget,
} from './lora.js';
export { initialParameters, parameterShapes, type Parameters, type TrainableParameters } from './parameters.js';
export { type RopeScaling } from './rope.js';
export { samplingWeights, type SamplingOptions } from './sampling.js';
export { readSafetensors, writeSafetensors, type TensorSource, type TensorValues } from './safetensors.js';
export {
  createTokenizer,
  type Tokenizer,
  type TokenizerConfigJson,
  type TokenizerFiles,
  type TokenizerJson,
} from './tokenizer.js';
