/** Loads TensorFlow: @tensorflow/tfjs-node-gpu with the binding that set-up compiled (src/setup/tensorflow.mjs). */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { ApolabError } from '../core/errors.js';
import { packageRoot } from '../core/packageRoot.js';
import { registerFusedKernels } from './fusedLayers.js';

const require = createRequire(import.meta.url);
const quiet = path.join(packageRoot, '.tensorflow', 'quiet.node');

/** The part of tfjs-node's backend that is used here. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Whether set-up has built the binding. */
export function isTensorFlowInstalled(): boolean {
  return existsSync(bindingFile());
}

function bindingFile(): string {
  const folder = path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  return path.join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
}

/**
 * Loads the binding, which registers the backend 'tensorflow' with TensorFlow.js. Called again, it does nothing.
 *
 * @throws ApolabError if set-up has not built the binding.
 */
export function loadTensorFlow(): void {
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
  const { hold, release } = existsSync(quiet)
    ? (require(quiet) as { readonly hold: () => void; readonly release: () => void })
    : { hold: () => undefined, release: () => undefined };
  hold();
  try {
    require('@tensorflow/tfjs-node-gpu');
  } finally {
    release();
  }
  registerFusedKernels();
}

/** TensorFlow's version and what it computes on: `2.21.0 on CPU, 2 threads`. */
export function tensorFlowDevice(): string {
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NodeBackend;
  const threads = Number(process.env.TF_NUM_INTRAOP_THREADS ?? 0) || os.availableParallelism();
  return `${binding.TF_Version} on ${isUsingGpuDevice ? 'GPU' : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`}`;
}
