/** The table of backends. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type { Backend, ValuesOf } from './backend.js';
import { composedLayers } from './composedLayers.js';
import { fusedDecoder } from './fusedDecoder.js';
import { fusedLayers, hasFusedKernels } from './fusedLayers.js';
import { loadTensorFlow, tensorFlowDevice, tensorFlowFreeMemory } from './tensorflow.js';
import { isTensorFlowInstalled } from './tensorflowFiles.js';
import { fixWasmKernels } from './wasmKernels.js';
import { guardWasmAllocations, wasmFreeMemory } from './wasmMemory.js';

/** The names of the backends, fastest first. The first one that is installed is the default. */
export const backendIds = ['tensorflow', 'wasm'] as const;

/** The name of a backend, in this table and in TensorFlow.js. */
export type BackendId = (typeof backendIds)[number];

/** Reads as TensorFlow.js does: both backends have the values in memory that the CPU can address, or copy them there. */
const reads = {
  readValues: (tensor: tf.Tensor) => tensor.data<keyof ValuesOf>(),
  readValuesSync: (tensor: tf.Tensor) => tensor.dataSync<keyof ValuesOf>(),
};

/**
 * The backends by name.
 *
 * @example
 * backends.wasm.isInstalled(); // true (it needs nothing compiled)
 */
export const backends = {
  tensorflow: {
    ...reads,
    description: "TensorFlow's own kernels, on an NVIDIA GPU if there is one, otherwise on all CPU cores",
    isInstalled: isTensorFlowInstalled,
    prepare: loadTensorFlow,
    started: () => undefined,
    device: tensorFlowDevice,
    freeMemory: tensorFlowFreeMemory,
    layers: () => (hasFusedKernels() ? fusedLayers : composedLayers),
    decoder: () => (hasFusedKernels() ? fusedDecoder : undefined),
  },
  wasm: {
    ...reads,
    description: 'WebAssembly with SIMD, one thread per process; works on every machine',
    isInstalled: () => true,
    prepare: fixWasmKernels,
    started: guardWasmAllocations,
    freeMemory: wasmFreeMemory,
    device: () => `${tf.version.tfjs} on one CPU thread`,
    layers: () => composedLayers,
    decoder: () => undefined,
  },
} as const satisfies Record<BackendId, Backend>;

/** The backend that runs now; undefined before the first `useBackend`. */
export function activeBackend(): BackendId | undefined {
  const name = tf.engine().backendName;
  return Object.hasOwn(backends, name) ? (name as BackendId) : undefined;
}
