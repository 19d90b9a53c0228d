/** Tensors: the only room that imports TensorFlow.js. All other rooms take `tf` from here. */
export * as tf from '@tensorflow/tfjs';
export { recoverTensors } from './afterInterrupt.js';
export type { Backend, FreeMemory, TensorValues, ValuesOf } from './backend.js';
export { activeBackend, backendIds, backends, type BackendId } from './backends.js';
export { attend, joinHeads, keptLogits, rotate, rotationBy, splitHeads } from './composedLayers.js';
export type {
  DecoderCache,
  DecoderLayer,
  DecoderMap,
  DecoderModel,
  DecoderSegment,
  NativeDecoder,
} from './decoderTypes.js';
export {
  adamWStep,
  adaptedLinear,
  attentionOver,
  headLogProbs,
  linear,
  residualSum,
  rmsNorm,
  swiGlu,
  targetLogProbs,
} from './layers.js';
export { layerMemory, type LayerFloats, type LayerMemory } from './layerMemory.js';
export type { AdamWSettings, Attention, Rotation, TokenTrees, Turn } from './layerTypes.js';
export { formatBytes, memoryCheckVariable, OutOfMemoryError } from './memoryError.js';
export { maskedScore } from './paddedRows.js';
export { read, readAll, readSync } from './read.js';
export { segmentSum } from './segmentSum.js';
export { logOneMinusExp, logSigmoid, stopGradient } from './stable.js';
export { backendVariable, instructionSetVariable } from './tensorflowFiles.js';
export { describeBackend, useBackend } from './useBackend.js';
