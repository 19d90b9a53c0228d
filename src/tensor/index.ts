/**
 * Tensors: the only room that imports TensorFlow.js. Everybody else takes `tf` from here, so backends change in one place.
 */
export * as tf from '@tensorflow/tfjs';
export { activeBackend, backendIds, backends, describeBackend, useBackend, type BackendId } from './backend.js';
export { attend, joinHeads, rotate, rotationBy, splitHeads } from './composedLayers.js';
export { adamWStep, attention, linear, rmsNorm, swiGlu, targetLogProbs, type Rotation, type Turn } from './layers.js';
export { logOneMinusExp, logSigmoid, stopGradient } from './stable.js';
