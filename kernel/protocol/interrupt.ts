/**
 * Runs in the wire thread, on behalf of clients that ask by message: the signal reaches the main thread as Ctrl+C would, and
 * stops a cell whether it spins or waits.
 */
export function interrupt() {
  process.kill(process.pid, 'SIGINT');
  return { status: 'ok' };
}
