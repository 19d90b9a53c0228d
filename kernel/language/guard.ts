/**
 * The guard: a script in which cell code runs, so that a SIGINT ends the code and not the process.
 *
 * A SIGINT during a vm script that asked for `breakOnSigint` ends that script and nothing else. V8 drops the interrupted code
 * together with its microtasks.
 */
import { Script } from 'node:vm';
import { closeGate, openGate, resetGate, type InterruptGate } from '../messages/interruptGate.js';
import { kernelTimers } from './timers.js';

/**
 * Thrown out of the task in which a cell was interrupted, up to the process's uncaughtException handler, which must ignore it.
 * On this way Node clears its stack of asynchronous contexts (AsyncLocalStorage), which still has entries of the microtasks that
 * V8 dropped; without it, Node 20 and 22 abort with "async hook stack has become corrupted".
 */
export class GuardBroken extends Error {
  override name = 'GuardBroken';

  /** `inCell`: a cell ended with it, and reports it; otherwise it was a timer that an earlier cell has left running. */
  constructor(readonly inCell: boolean) {
    super('an interrupt ended this task');
  }
}

/** Runs cell code. */
export interface Guard {
  /** Runs `action` and the microtasks that follow it; inside the guard already, only `action`. Throws GuardBroken on SIGINT. */
  run(action: () => void): void;
  /** Continues a cell's code: at once inside the guard, otherwise in a new task, where the guard can run microtasks. */
  resume(action: () => void): void;
}

/** The guard's script finds its action under this key: a vm script takes no arguments. */
const guardKey = 'apolab.guard';
const guardScript = new Script(`globalThis[Symbol.for('${guardKey}')]()`, { filename: 'apolab:guard' });

/** A guard; `onBreak` ends what the interrupted code has left open, and returns whether a cell was among it. */
export function createGuard(gate: InterruptGate, onBreak: () => boolean): Guard {
  let guarded: (() => void) | undefined;
  Object.defineProperty(globalThis, Symbol.for(guardKey), { value: () => guarded?.() });

  const run = (action: () => void) => {
    if (guarded !== undefined) {
      action();
      return;
    }
    guarded = () => {
      openGate(gate);
      try {
        action();
        runMicrotasks();
      } finally {
        closeGate(gate);
      }
    };
    try {
      guardScript.runInThisContext({ breakOnSigint: true });
    } catch (error) {
      if (!isBreak(error)) throw error;
      throw new GuardBroken(onBreak());
    } finally {
      guarded = undefined;
      resetGate(gate);
      restoreListeners();
    }
  };

  return {
    run,
    resume(action) {
      if (guarded !== undefined) action();
      else kernelTimers.setImmediate(() => run(action));
    },
  };
}

const isBreak = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';

/** Runs the due microtasks now, and so inside the guard. Node still has this old name for it. */
const runMicrotasks = () => (process as unknown as { _tickCallback(): void })._tickCallback();

/**
 * Removes and adds SIGINT's listeners again. While a script with `breakOnSigint` runs, Node puts them aside; if the script itself
 * adds a listener, Node takes the signal as handled, and the next one would end the process.
 */
function restoreListeners(): void {
  const listeners = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
  process.removeAllListeners('SIGINT');
  for (const listener of listeners) process.on('SIGINT', listener);
}
