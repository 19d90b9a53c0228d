/** Loads TensorFlow: the binding that set-up compiled (src/setup/tensorflow.mjs), behind @tensorflow/tfjs-node-gpu. */
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

/** What is used of tfjs-node's backend. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Whether set-up built the binding. */
export function isTensorFlowInstalled(): boolean {
  return existsSync(bindingFile());
}

function bindingFile(): string {
  const folder = path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  return path.join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
}

/** Loads it, once; TensorFlow.js then has the backend 'tensorflow'. */
export function loadTensorFlow(): void {
  if (!isTensorFlowInstalled()) {
    throw new ApolabError(
      "TensorFlow was not built here. Build it: npx apolab backend tensorflow; 'wasm' always works.",
    );
  }
  // tfjs-node calls what Node 23 took away, and what Node 22 warns of.
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
