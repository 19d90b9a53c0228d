/** Pauses between two parts of long work, in which the process's other events are handled. */
import { setImmediate } from 'node:timers/promises';

/**
 * Resolves in the next turn of the event loop, after timers, messages and interrupts were handled.
 *
 * In a notebook, the code after it is not broken off by the stop button: the kernel replaces the global `setImmediate` by one
 * whose callbacks are broken off, but not that of `node:timers/promises`. So work that must be done whole, such as a training
 * step, begins after it; an interrupt is handled when the work waits again.
 *
 * @example
 * for (const prompt of prompts) {
 *   await nextTurn();
 *   await policy.generate([prompt]);
 * }
 */
export const nextTurn = (): Promise<void> => setImmediate();
