import * as tf from '@tensorflow/tfjs';
import { ApolabError, UnknownNameError } from '../core/errors.js';
import { activeBackend, backendIds, backends, type BackendId } from './backends.js';
import { backendVariable } from './tensorflowFiles.js';

/**
 * Starts a backend, which runs everything from then on, and resolves to its name. If it runs already, this costs nothing.
 * Without a name, the running backend stays; the first time, it is the one that APOLAB_BACKEND names, or else the fastest one
 * that is installed.
 *
 * @throws UnknownNameError if there is no backend of that name.
 * @throws ApolabError if it is not installed, or if TensorFlow.js cannot start it.
 * @example
 * await useBackend('wasm'); // 'wasm'
 */
export async function useBackend(name?: string): Promise<BackendId> {
  const id = backendId(name ?? activeBackend() ?? chosenBackend());
  if (tf.engine().backendName === id) return id;
  try {
    backends[id].prepare();
    if (await withoutNewHandlers(() => tf.setBackend(id))) {
      backends[id].started();
      return id;
    }
  } catch (error) {
    if (error instanceof ApolabError) throw error;
    throw new ApolabError(`${notStarted(id)} ${(error as Error).message}`, { cause: error });
  }
  throw new ApolabError(notStarted(id));
}

const notStarted = (id: BackendId) =>
  `The backend '${id}' did not start. 'npx apolab doctor' shows what this machine offers; 'npx apolab backend tensorflow' rebuilds TensorFlow.`;

function backendId(name: string): BackendId {
  if (!Object.hasOwn(backends, name)) throw new UnknownNameError('backend', name, backendIds);
  return name as BackendId;
}

function chosenBackend(): string {
  return process.env[backendVariable] ?? backendIds.find((id) => backends[id].isInstalled())!;
}

/** Name, version and device of the running backend, as in `tensorflow 2.21.0 on CPU, 2 threads`; `none` if none runs yet. */
export function describeBackend(): string {
  const id = activeBackend();
  return id === undefined ? 'none' : `${id} ${backends[id].device()}`;
}

/**
 * Emscripten's loader in TensorFlow.js's WASM backend installs handlers that rethrow every uncaught error. They would bypass a
 * script's own handlers and end the kernel, which shows such errors in the notebook.
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
