/**
 * How the wire thread wakes the main thread out of a synchronous `prompt()`.
 *
 * The main thread sleeps on one shared number (Atomics.wait). The answer itself comes over a message port, which has no bound;
 * the number only says that there is something to look at, or that the sleep is over because of an interrupt.
 */
const state = { unattended: 0, waiting: 1, rung: 2, interrupted: 3 } as const;

/** One number, shared by the two threads. */
export type Bell = Int32Array<SharedArrayBuffer>;

export const createBell = (): Bell => new Int32Array(new SharedArrayBuffer(4));

/** Main thread: blocks until `take` finds something, which is asked at every ring; `undefined` where an interrupt came first. */
export function waitForBell<T>(bell: Bell, take: () => T | undefined): T | undefined {
  Atomics.store(bell, 0, state.waiting);
  try {
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      Atomics.wait(bell, 0, state.waiting);
      if (Atomics.compareExchange(bell, 0, state.rung, state.waiting) === state.interrupted) return undefined;
    }
  } finally {
    Atomics.store(bell, 0, state.unattended);
  }
}

/** Wire thread: something was put on the port. */
export function ringBell(bell: Bell): void {
  Atomics.compareExchange(bell, 0, state.waiting, state.rung);
  Atomics.notify(bell, 0);
}

/** Wire thread: who waits is to give up; where nobody waits, nothing is left behind for the next one. */
export function interruptBell(bell: Bell): void {
  for (const attended of [state.waiting, state.rung]) Atomics.compareExchange(bell, 0, attended, state.interrupted);
  Atomics.notify(bell, 0);
}
