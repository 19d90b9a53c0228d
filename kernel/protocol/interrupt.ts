import type { Content } from './context.js';

/** What control requests can do to the main thread. */
export interface MainThread {
  /** Stops the cell, whether it spins or waits. */
  interrupt(): void;
}

/** Runs in the wire thread, so it works while a cell spins. */
export function interrupt(_content: Content, main: MainThread) {
  main.interrupt();
  return { status: 'ok' };
}
