/**
 * Tensors: the only room that imports TensorFlow.js. Everybody else takes `tf` from here, so backends change in one place.
 */
export * as tf from '@tensorflow/tfjs';
export { activeBackend, backends, useBackend, type BackendId } from './backend.js';
export { attend, rmsNorm, rotate, swiGlu, type Rotation } from './layers.js';
export { logSigmoid, stopGradient, targetLogProbs } from './stable.js';
