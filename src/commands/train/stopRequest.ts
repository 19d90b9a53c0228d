/** Ctrl-C during a training run: once ends the run after its step, saved; twice ends the process at once. */
import { interruptedCode } from '../exitCodes.js';

/** Listens for signals until it is disposed. */
export interface StopRequest {
  /** True after the first signal. */
  readonly requested: () => boolean;
  readonly dispose: () => void;
}

/** The run was stopped; the message says what was saved and how to continue. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** Starts to listen for Ctrl-C and other signals to stop. */
export function listenForStop(): StopRequest {
  let times = 0;
  const onSignal = () => {
    times += 1;
    if (times > 1) process.exit(interruptedCode);
    console.error('\nStopping after this step; once more stops at once.');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  signals.forEach((signal) => process.on(signal, onSignal));
  return {
    requested: () => times > 0,
    dispose: () => signals.forEach((signal) => process.off(signal, onSignal)),
  };
}
