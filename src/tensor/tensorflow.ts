/** Loads TensorFlow: @tensorflow/tfjs-node-gpu with the binding that set-up compiled (src/setup/tensorflow.mjs). */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { ApolabError } from '../core/errors.js';
import { dataFolder, packageRoot } from '../core/packageRoot.js';
import { registerFusedKernels } from './fusedLayers.js';

const require = createRequire(import.meta.url);
const folder = path.join(dataFolder, '.tensorflow');
const binding = path.join(folder, 'tfjs_binding.node');
const processFile = path.join(folder, 'process.node');

/** What `native/process.cc` offers. */
interface ProcessModule {
  instructionSets(): readonly string[];
  hold(): void;
  release(): void;
}

/** The part of tfjs-node's backend that is used here. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Whether set-up built the binding, and this processor can run TensorFlow. */
export function isTensorFlowInstalled(): boolean {
  return existsSync(binding) && existsSync(processFile) && instructionSets().length > 0;
}

/** The instruction sets of this processor that TensorFlow's wheel and our kernels are made for, the fastest first. */
export function instructionSets(): readonly string[] {
  return processModule().instructionSets();
}

/** The instruction set whose fused kernels run here; undefined if none could be compiled. */
export function kernelInstructionSet(): string | undefined {
  return instructionSets().find((name) => existsSync(kernelsFile(name)));
}

const kernelsFile = (instructionSet: string) => path.join(folder, `kernels-${instructionSet}.node`);

function processModule(): ProcessModule {
  return require(processFile) as ProcessModule;
}

/**
 * Loads the binding, which registers the backend 'tensorflow' with TensorFlow.js. Called again, it does nothing.
 *
 * @throws ApolabError if set-up has not built the binding.
 */
export function loadTensorFlow(): void {
  if (existsSync(processFile) && instructionSets().length === 0) {
    throw new ApolabError(
      "This processor lacks AVX2 or FMA, which TensorFlow needs. Use the backend 'wasm', which runs on every processor.",
    );
  }
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
  const { hold, release } = processModule();
  hold();
  try {
    // The rolled tfjs-node (kernel/declarations/rollCode.ts) reads the binding's path there.
    Object.assign(globalThis, { [Symbol.for('apolab.tensorflow.binding')]: binding });
    require(path.join(packageRoot, 'dist', 'packages', 'tfjs-node-gpu.cjs'));
    if (instructionSet !== undefined) require(kernelsFile(instructionSet));
  } finally {
    release();
  }
  if (instructionSet !== undefined) registerFusedKernels();
}

/** TensorFlow's version and what it computes on: `2.21.0 on CPU, 2 threads`. */
export function tensorFlowDevice(): string {
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NodeBackend;
  const threads = Number(process.env.TF_NUM_INTRAOP_THREADS ?? 0) || os.availableParallelism();
  return `${binding.TF_Version} on ${isUsingGpuDevice ? 'GPU' : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`}`;
}
