/**
 * Backends: where tensor arithmetic runs. The first of the table that this machine has is the default; `wasm`, which needs
 * nothing compiled, it always has.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { ApolabError, UnknownNameError } from '../core/errors.js';
import { isTensorFlowInstalled, loadTensorFlow, tensorFlowDevice } from './tensorflow.js';
import { cureWasmKernels } from './wasmKernels.js';

interface Backend {
  readonly description: string;
  /** Whether it was set up here. */
  isInstalled(): boolean;
  /** Makes it known to TensorFlow.js. */
  prepare(): void;
  /** What it runs on, once it runs. */
  device(): string;
}

/** The backends, the quickest first. */
export const backends = {
  tensorflow: {
    description: "TensorFlow's own kernels, on an NVIDIA GPU where there is one, else on all cores",
    isInstalled: isTensorFlowInstalled,
    prepare: loadTensorFlow,
    device: tensorFlowDevice,
  },
  wasm: {
    description: 'WebAssembly with SIMD, one thread a process; works on every machine',
    isInstalled: () => true,
    prepare: cureWasmKernels,
    device: () => `${tf.version.tfjs} on one CPU thread`,
  },
} as const satisfies Record<string, Backend>;
export type BackendId = keyof typeof backends;
export const backendIds = Object.keys(backends) as BackendId[];

/** The environment variable by which a whole session chooses its backend. */
export const backendVariable = 'APOLAB_BACKEND';

/**
 * Makes a backend the one that runs from now on, and resolves to its name; asking again for the active one costs nothing.
 * Without a name, the one that runs stays; the first time it is the one that APOLAB_BACKEND names, else the quickest that
 * was set up here.
 *
 * @throws UnknownNameError for a name that is no backend.
 * @throws ApolabError where it was not set up, or TensorFlow.js cannot start it.
 *
 * @example
 * await useBackend('wasm'); // 'wasm'
 */
export async function useBackend(name?: string): Promise<BackendId> {
  const id = backendId(name ?? activeBackend() ?? chosenBackend());
  if (tf.engine().backendName === id) return id;
  try {
    backends[id].prepare();
    if (await withoutNewHandlers(() => tf.setBackend(id))) return id;
  } catch (error) {
    if (error instanceof ApolabError) throw error;
    throw new ApolabError(`${notStarted(id)} ${(error as Error).message}`, { cause: error });
  }
  throw new ApolabError(notStarted(id));
}

const notStarted = (id: BackendId) =>
  `The backend '${id}' did not start. 'npx apolab doctor' shows what this machine offers; 'npx apolab backend tensorflow' builds TensorFlow anew.`;

function backendId(name: string): BackendId {
  if (!Object.hasOwn(backends, name)) throw new UnknownNameError('backend', name, backendIds);
  return name as BackendId;
}

function chosenBackend(): string {
  return process.env[backendVariable] ?? backendIds.find((id) => backends[id].isInstalled())!;
}

/** What the backend that runs now is and runs on, in a few words: `tensorflow 2.21.0 on CPU, 2 threads`. */
export function describeBackend(): string {
  const id = activeBackend();
  return id === undefined ? 'none' : `${id} ${backends[id].device()}`;
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
