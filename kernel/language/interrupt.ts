/**
 * Interrupting cells without losing the process.
 *
 * All of a cell's code runs inside the guard (guard.ts): its first synchronous part, the microtasks that follow it, and, because
 * a cell's `await`s are compiled to `await __cell__.wait(...)`, every part that a timer or a socket resumes; and the callbacks of
 * all timers (timers.ts). While a cell only waits, the process's SIGINT handler calls `interrupt()`, which rejects what it waits
 * for. Not covered: a callback that a cell gave to an emitter or a socket, and that does not return.
 */
import type { InterruptGate } from '../messages/interruptGate.js';
import { createCellRuntime, type CellRuntime } from './cellRuntime.js';
import { createDeferred } from './deferred.js';
import { createGuard } from './guard.js';
import { KeyboardInterrupt } from './keyboardInterrupt.js';
import { guardTimers, kernelTimers } from './timers.js';

/** Runs cells' code so that it can be interrupted. */
export interface Interrupter {
  /** Runs a cell; rejects with what it throws, and with a KeyboardInterrupt as soon as it is interrupted. */
  run(start: (cell: CellRuntime) => unknown): CellRun;
  /** Runs a callback of a cell in its own task; settles as it does, or rejects when it is interrupted. */
  call(action: () => unknown): Promise<void>;
  /** Stops what runs, if it waits; does nothing if nothing runs. */
  interrupt(): void;
}

/** A cell that runs. */
export interface CellRun {
  readonly cell: CellRuntime;
  readonly finished: Promise<void>;
}

/** An interrupter for this process; from now on the global timers call back inside its guard. */
export function createInterrupter(gate: InterruptGate): Interrupter {
  const waiting = new Set<(reason: KeyboardInterrupt) => void>();
  /** Ends what is under way: a cell, and callbacks. */
  const stops = new Set<() => void>();
  const guard = createGuard(gate, () => {
    const inCell = stops.size > 0;
    stops.forEach((stop) => stop());
    return inCell;
  });
  guardTimers((action) => guard.run(action));

  /** Counts what is started: an interrupt ends what a cell does then, not what its handlers are called for later. */
  let started = 0;

  /** Starts `action` inside the guard when `schedule` calls `begin`, unless it is stopped before. */
  const start = (action: () => unknown, schedule: (begin: () => void) => void, onStop: () => void): Promise<void> => {
    started += 1;
    const { promise, resolve, reject } = createDeferred<undefined>();
    // The kernel waits for the end. Its code must not run inside the guard, because an interrupt would drop it and the answer
    // with it: so it is resumed in a new task.
    const end = (settle: () => void) => kernelTimers.setTimeout(settle, 0);
    let stopped = false;
    const stop = () => {
      stopped = true;
      onStop();
      end(() => reject(new KeyboardInterrupt()));
    };
    stops.add(stop);
    schedule(() => {
      if (stopped) return;
      guard.run(() => {
        new Promise((done) => done(action())).then(
          () => end(() => resolve(undefined)),
          (thrown: unknown) => end(() => reject(thrown)),
        );
      });
    });
    return promise.finally(() => stops.delete(stop));
  };

  return {
    run(startCell) {
      let stoppedIn = 0;
      const cell = createCellRuntime({ guard, waiting, isStopped: () => stoppedIn === started });
      // Two turns of the event loop: a SIGINT that came while the cell was compiled is handled before the cell starts.
      const schedule = (begin: () => void) => void kernelTimers.setImmediate(() => kernelTimers.setImmediate(begin));
      return {
        cell,
        finished: start(
          () => startCell(cell),
          schedule,
          () => (stoppedIn = started),
        ),
      };
    },

    call: (action) =>
      start(
        action,
        (begin) => void kernelTimers.setImmediate(begin),
        () => undefined,
      ),

    interrupt() {
      stops.forEach((stop) => stop());
      const rejects = [...waiting];
      waiting.clear();
      if (rejects.length > 0) guard.run(() => rejects.forEach((reject) => reject(new KeyboardInterrupt())));
    },
  };
}
