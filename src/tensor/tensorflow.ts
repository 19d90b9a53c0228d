/** Loads TensorFlow: @tensorflow/tfjs-node-gpu with the binding that set-up compiled (src/setup/tensorflow.mjs). */
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { availableMemory } from '../core/availableMemory.js';
import { ApolabError } from '../core/errors.js';
import { packageRoot } from '../core/packageRoot.js';
import type { FreeMemory } from './backend.js';
import { registerFusedKernels } from './fusedLayers.js';
import { fixTensorFlowReductions } from './tensorflowReductions.js';
import {
  bindingFile,
  isTensorFlowInstalled,
  kernelInstructionSet,
  kernelsFile,
  processModule,
  processorLacks,
  processorLacksInstructions,
} from './tensorflowFiles.js';

const require = createRequire(import.meta.url);

/** The part of tfjs-node's backend that is used here. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/**
 * Loads the binding, which registers the backend 'tensorflow' with TensorFlow.js. Called again, it does nothing.
 *
 * @throws ApolabError if set-up has not built the binding, or this processor cannot run it.
 */
export function loadTensorFlow(): void {
  if (processorLacksInstructions())
    throw new ApolabError(`${processorLacks} Use the backend 'wasm', which runs on every processor.`);
  if (!isTensorFlowInstalled()) {
    throw new ApolabError(
      "TensorFlow was not built here. Build it: npx apolab backend tensorflow; 'wasm' always works.",
    );
  }
  // tfjs-node calls functions that Node 23 removed and that Node 22 warns about.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  });
  const instructionSet = kernelInstructionSet();
  const native = processModule();
  native.hold();
  try {
    // The rolled tfjs-node (kernel/declarations/rollCode.ts) reads the binding's path there.
    Object.assign(globalThis, { [Symbol.for('apolab.tensorflow.binding')]: bindingFile });
    require(path.join(packageRoot, 'dist', 'packages', 'tfjs-node-gpu.cjs'));
    if (instructionSet !== undefined) require(kernelsFile(instructionSet));
  } finally {
    native.release();
  }
  fixTensorFlowReductions();
  if (instructionSet !== undefined) registerFusedKernels();
}

/** TensorFlow's version and what it computes on: `2.21.0 on CPU, 2 threads`. */
export function tensorFlowDevice(): string {
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NodeBackend;
  const threads = Number(process.env.TF_NUM_INTRAOP_THREADS ?? 0) || os.availableParallelism();
  return `${binding.TF_Version} on ${isUsingGpuDevice ? 'GPU' : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`}`;
}

/** The machine's available memory; undefined on a GPU, whose free memory the binding does not tell. */
export function tensorFlowFreeMemory(): FreeMemory | undefined {
  const { isUsingGpuDevice } = tf.backend() as unknown as NodeBackend;
  return isUsingGpuDevice ? undefined : { bytes: availableMemory(), of: "this machine's memory" };
}
