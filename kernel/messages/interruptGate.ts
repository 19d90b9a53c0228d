/**
 * When the wire thread may send SIGINT to its own process.
 *
 * Node stops a script that asked for it (`breakOnSigint`) on SIGINT. Just before and after such a script nothing handles the
 * signal, and it would end the process. So the main thread opens the gate while cell code really runs, and the wire thread
 * signals only through an open gate; at all other times it sends a message instead.
 */
const state = { closed: 0, open: 1, sending: 2, sent: 3 } as const;

/** One number, shared by the two threads. */
export type InterruptGate = Int32Array<SharedArrayBuffer>;

/** A closed gate, in memory that both threads share. */
export const createInterruptGate = (): InterruptGate => new Int32Array(new SharedArrayBuffer(4));

/** Main thread, as the first thing inside the script that a signal stops. */
export function openGate(gate: InterruptGate): void {
  Atomics.store(gate, 0, state.open);
}

/** Main thread, as the last thing inside that script. Waits for a signal that is being sent, which then ends this loop. */
export function closeGate(gate: InterruptGate): void {
  for (;;) {
    const was = Atomics.compareExchange(gate, 0, state.open, state.closed);
    if (was === state.open || was === state.closed) return;
  }
}

/** Main thread, after that script. */
export function resetGate(gate: InterruptGate): void {
  Atomics.store(gate, 0, state.closed);
}

/** Wire thread: stops the script behind an open gate; false if none runs. A script is signalled once. */
export function signalThrough(gate: InterruptGate): boolean {
  // Windows has no signals, and Node's replacement would end the process; there an interrupt works when the code yields.
  if (process.platform === 'win32') return false;
  const was = Atomics.compareExchange(gate, 0, state.open, state.sending);
  if (was !== state.open) return was === state.sent;
  process.kill(process.pid, 'SIGINT');
  Atomics.store(gate, 0, state.sent);
  return true;
}
