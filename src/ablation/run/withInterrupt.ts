/** Work that Ctrl-C, a notebook's interrupt or the caller's signal stops. */
import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';

/**
 * Runs `work` with a signal that is aborted by the caller's signal and by SIGINT, which Ctrl-C and a notebook's interrupt
 * send. `work` decides how to stop.
 */
export async function withInterrupt<T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const stop = () => controller.abort();
  // In a task of its own: a kernel runs a cell's code with Node's `breakOnSigint`. A SIGINT listener that is added during
  // that code is lost when the code returns, and the next interrupt would end the process.
  await setImmediate();
  outer?.addEventListener('abort', stop);
  process.on('SIGINT', stop);
  if (outer?.aborted === true) stop();
  try {
    return await work(controller.signal);
  } finally {
    outer?.removeEventListener('abort', stop);
    process.removeListener('SIGINT', stop);
  }
}
