/** Ctrl-C during work that an AbortSignal stops. */

/**
 * Aborts `stop` when SIGINT or SIGTERM arrives. A second signal has its usual effect: the process ends.
 *
 * @param reason makes the error with which it is aborted
 * @returns ends the listening
 */
export function abortOnSignals(stop: AbortController, reason: () => Error): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = () => stop.abort(reason());
  for (const signal of signals) process.once(signal, onSignal);
  return () => signals.forEach((signal) => process.off(signal, onSignal));
}
