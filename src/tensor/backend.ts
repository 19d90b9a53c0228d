/**
 * Backends: where tensor arithmetic runs. `wasm` works everywhere and needs nothing compiled, so it is the default.
 */
import { createRequire } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { ApolabError, UnknownNameError } from '../errors.js';
import { registerFusedKernels } from './fusedLayers.js';
import { cureWasmKernels } from './wasmKernels.js';

export const backends = {
  tensorflow: {
    prepare: () => {
      Object.assign(util, { isNullOrUndefined: (x: unknown) => x == null });
      createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu');
      registerFusedKernels();
    },
    description: 'x',
  },
  wasm: {
    prepare: cureWasmKernels,
    description: 'WebAssembly with SIMD, one thread a process; works on every machine',
  },
} as const;
export type BackendId = keyof typeof backends;

/**
 * Makes a backend the one that runs from now on, and resolves to its name; asking again for the active one costs nothing.
 *
 * @throws UnknownNameError for a name that is no backend.
 * @throws ApolabError where TensorFlow.js cannot start it.
 *
 * @example
 * await useBackend(); // 'wasm'
 */
export async function useBackend(name = process.env.APOLAB_BACKEND ?? 'wasm'): Promise<BackendId> {
  if (!(name in backends)) throw new UnknownNameError('backend', name, Object.keys(backends));
  const id = name as BackendId;
  if (tf.engine().backendName === id) return id;
  backends[id].prepare();
  if (!(await withoutNewHandlers(() => tf.setBackend(id)))) {
    throw new ApolabError(
      `The backend '${id}' did not start. Run 'npx apolab doctor' to see what this machine offers.`,
    );
  }
  return id;
}

/** The backend that runs now, or undefined before the first `useBackend`. */
export function activeBackend(): BackendId | undefined {
  const name = tf.engine().backendName;
  return name in backends ? (name as BackendId) : undefined;
}

/**
 * Emscripten's loader, in TensorFlow.js's WASM backend, installs handlers that rethrow every uncaught error: a script's
 * own handlers would not be heard, and the kernel, which shows such errors in the notebook, would end.
 */
async function withoutNewHandlers<T>(load: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = new Map(events.map((event) => [event, new Set<unknown>(process.listeners(event as 'exit'))]));
  const value = await load();
  for (const event of events) {
    for (const listener of process.listeners(event as 'exit')) {
      if (before.get(event)?.has(listener) !== true) process.removeListener(event, listener);
    }
  }
  return value;
}
