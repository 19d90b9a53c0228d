/**
 * When the wire thread may send SIGINT to its own process.
 *
 * Node stops a script that asked for it (`breakOnSigint`) on SIGINT. Just before and after such a script nothing handles the
 * signal, and it would end the process. So the main thread opens the gate while cell code really runs, and the wire thread
 * signals only through an open gate; at all other times it sends a message instead.
 *
 * Behind the state there is a note of the main thread: whether it waits for a child process (`execSync`), and the children that it
 * had before. While it waits no JavaScript runs, and an interrupt must end the child.
 */
const state = { closed: 0, open: 1, sending: 2, sent: 3 } as const;

/** Numbers that the two threads share. */
export type InterruptGate = Int32Array<SharedArrayBuffer>;

/** The places of the numbers. */
const [stateAt, childrenAt, firstChild] = [0, 1, 2];
const mostChildren = 500;

/** A closed gate, in memory that both threads share. */
export const createInterruptGate = (): InterruptGate =>
  new Int32Array(new SharedArrayBuffer(4 * (firstChild + mostChildren)));

/** Main thread, as the first thing inside the script that a signal stops. */
export function openGate(gate: InterruptGate): void {
  Atomics.store(gate, stateAt, state.open);
}

/** Main thread, as the last thing inside that script. Waits for a signal that is being sent, which then ends this loop. */
export function closeGate(gate: InterruptGate): void {
  for (;;) {
    const was = Atomics.compareExchange(gate, stateAt, state.open, state.closed);
    if (was === state.open || was === state.closed) return;
  }
}

/** Main thread, after that script. */
export function resetGate(gate: InterruptGate): void {
  Atomics.store(gate, stateAt, state.closed);
}

/** Wire thread: stops the script behind an open gate; false if none runs. A script is signalled once. */
export function signalThrough(gate: InterruptGate): boolean {
  // Windows has no signals, and Node's replacement would end the process; there an interrupt works when the code yields.
  if (process.platform === 'win32') return false;
  const was = Atomics.compareExchange(gate, stateAt, state.open, state.sending);
  if (was !== state.open) return was === state.sent;
  process.kill(process.pid, 'SIGINT');
  Atomics.store(gate, stateAt, state.sent);
  return true;
}

/** Wire thread: whether a signal was sent and the script has not ended yet. */
export const isSignalPending = (gate: InterruptGate) => Atomics.load(gate, stateAt) >= state.sending;

/** Main thread: runs `action`, which waits for a child process; `children` are those that it has already. */
export function waitForChild<T>(gate: InterruptGate, children: readonly number[], action: () => T): T {
  const kept = children.slice(0, mostChildren);
  gate.set(kept, firstChild);
  Atomics.store(gate, childrenAt, 1 + kept.length);
  try {
    return action();
  } finally {
    Atomics.store(gate, childrenAt, 0);
  }
}

/** Wire thread: the children that the main thread had before it began to wait for another one; `undefined` if it does not wait. */
export function childrenBefore(gate: InterruptGate): number[] | undefined {
  const count = Atomics.load(gate, childrenAt);
  return count === 0 ? undefined : [...gate.subarray(firstChild, firstChild + count - 1)];
}
