/** Llama-architecture causal language models: read, run, generate, save. */
export { formatConfig, parseConfig, type ModelConfig } from './config.js';
export { hidden, hiddenStates, logits, type TokenBatch } from './forward.js';
export { generateTokens, type GenerateOptions } from './generate.js';
export { LanguageModel, fromPretrained } from './languageModel.js';
export { initialParameters, parameterShapes, type Parameters, type TrainableParameters } from './parameters.js';
export { readSafetensors, writeSafetensors } from './safetensors.js';
export { createTokenizer, type Tokenizer, type TokenizerConfigJson, type TokenizerJson } from './tokenizer.js';
