/**
 * How the wire thread wakes the main thread out of a synchronous `prompt()`.
 *
 * The main thread sleeps on one shared number (Atomics.wait). The answer itself comes over a message port, which has no bound;
 * the number only says that there is something to look at, or that the sleep is over because of an interrupt.
 */
const state = { unattended: 0, waiting: 1, rung: 2, interrupted: 3 } as const;

/** The state, and the number of interrupts that the main thread was told of by message and has not heard yet. */
export type Bell = Int32Array<SharedArrayBuffer>;

export const createBell = (): Bell => new Int32Array(new SharedArrayBuffer(8));

/**
 * Main thread: does what will be answered, and blocks until `take`, which is asked at every ring, finds something. `undefined` where
 * an interrupt comes first, or has come already: asleep, this thread would never hear of it.
 */
export function waitForBell<T>(bell: Bell, ask: () => void, take: () => T | undefined): T | undefined {
  Atomics.store(bell, 0, state.waiting);
  try {
    if (Atomics.load(bell, 1) > 0) return undefined;
    ask();
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

/** Main thread: the message of an interrupt has come. */
export function receiveInterrupt(bell: Bell): void {
  Atomics.sub(bell, 1, 1);
}

/** Wire thread, with the message of an interrupt: who waits, or is about to, is to give up. */
export function interruptBell(bell: Bell): void {
  Atomics.add(bell, 1, 1);
  for (const attended of [state.waiting, state.rung]) Atomics.compareExchange(bell, 0, attended, state.interrupted);
  Atomics.notify(bell, 0);
}
