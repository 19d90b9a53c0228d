/** Causal language models of the Llama family: reading, running, generating, saving. */
export { type Adapter } from './adapter.js';
export { loadAdapter, saveAdapter } from './adapterFiles.js';
export { architectures, type Architecture, type ArchitectureId } from './architectures.js';
export { getModel as get, type GetModelOptions } from './catalog/index.js';
export { createChatTemplate, type ChatMessage, type ChatTemplate, type RenderOptions } from './chatTemplate.js';
export { parseConfig, type ModelConfig } from './config.js';
export { convertModel as convert, type ConvertedModel } from './convertModel.js';
export { formatConfig, type SpecialIds } from './formatConfig.js';
export { hiddenStates, logits, targetLogProbs } from './forward.js';
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
export {
  checkMemory,
  forwardBytes,
  gradientPassBytes,
  totalBytes,
  weightBytes,
  type MemoryNeed,
  type PassShape,
} from './memory.js';
export { initialParameters, parameterShapes, type Parameters, type TrainableParameters } from './parameters.js';
export { type RopeScaling } from './rope.js';
export { samplingWeights, type SamplingOptions } from './sampling.js';
export { readSafetensors, writeSafetensors, type TensorSource, type TensorValues } from './safetensors.js';
export { createTokenizer, type Tokenizer } from './tokenizer.js';
export { sequenceBatch, type TokenBatch } from './tokenTrees.js';
export { type TokenizerConfigJson, type TokenizerFiles, type TokenizerJson } from './tokenizerFiles.js';
