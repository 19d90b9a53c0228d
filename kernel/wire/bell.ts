/**
 * How the wire thread wakes the main thread that is blocked in a synchronous `prompt()`.
 *
 * The main thread sleeps on one shared number (Atomics.wait). The answer itself comes over a message port, which has no size
 * limit; the number only says that a message is on the port, or that an interrupt ends the sleep.
 */
const state = { unattended: 0, waiting: 1, rung: 2, interrupted: 3 } as const;

/** Two numbers: the state, and how many interrupt messages the main thread has been sent and not received yet. */
export type Bell = Int32Array<SharedArrayBuffer>;

/** A bell that nobody waits for, in memory that both threads share. */
export const createBell = (): Bell => new Int32Array(new SharedArrayBuffer(8));

/**
 * Main thread: calls `ask`, and blocks until `take`, which is called at every ring, returns something. `undefined` if an
 * interrupt comes first, or is already under way: a sleeping thread would never receive its message.
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

/** Wire thread, after it has posted a message to the port. */
export function ringBell(bell: Bell): void {
  Atomics.compareExchange(bell, 0, state.waiting, state.rung);
  Atomics.notify(bell, 0);
}

/** Main thread, when it receives the message of an interrupt. */
export function receiveInterrupt(bell: Bell): void {
  Atomics.sub(bell, 1, 1);
}

/** Wire thread, when it sends the message of an interrupt: ends a wait that has begun or is about to begin. */
export function interruptBell(bell: Bell): void {
  Atomics.add(bell, 1, 1);
  for (const attended of [state.waiting, state.rung]) Atomics.compareExchange(bell, 0, attended, state.interrupted);
  Atomics.notify(bell, 0);
}
