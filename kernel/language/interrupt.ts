/**
 * Interrupting cells without losing the process.
 *
 * A SIGINT during a vm script that asked for `breakOnSigint` ends that script and leaves everything else alone. So all of a
 * cell's code runs inside such a script, the *guard*: its first synchronous part, the microtasks that follow it, and, because
 * a cell's `await`s are compiled to `await __cell__.wait(...)`, every part that a timer or a socket resumes; and whatever timers
 * call back (timers.ts), whoever set them.
 * While a cell only waits, the process's SIGINT handler calls `interrupt()`, which rejects what it waits for.
 * Not covered: a callback that a cell gave to an emitter or a socket and that spins by itself.
 */
import { Script } from 'node:vm';
import { guardTimers, kernelTimers } from './timers.js';
import { closeGate, openGate, resetGate, type InterruptGate } from '../messages/interruptGate.js';

/** Thrown into a cell that was interrupted; the name is the one Jupyter's users know. */
export class KeyboardInterrupt extends Error {
  override name = 'KeyboardInterrupt';

  constructor() {
    super('the cell was interrupted; variables keep their values');
    // Where it was made is inside the kernel; where the cell stood is told by the cell.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * Thrown out of the task in which a cell was interrupted, up to the process's uncaughtException handler, which is to ignore
 * it. Passing through there makes Node clear its stack of asynchronous contexts (AsyncLocalStorage), on which the microtasks
 * that V8 dropped have left entries; without it, Node 20 and 22 abort with "async hook stack has become corrupted".
 */
export class GuardBroken extends Error {
  override name = 'GuardBroken';

  /** `inCell` tells whether a cell ended with it, which then says so; else it was a timer that an earlier cell left behind. */
  constructor(readonly inCell: boolean) {
    super('an interrupt ended this task');
  }
}

/** What a cell's compiled code calls, under the name `__cell__`. */
export interface CellRuntime {
  /** The index of the top-level statement that runs; how an interrupted loop is located. */
  at: number;
  /** Settles as `value` does, or rejects when the cell is interrupted. */
  wait<T>(value: T | PromiseLike<T>): Promise<T>;
  /** The same for each step of a `for await`. */
  each<T>(items: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): AsyncGenerator<T, void, undefined>;
}

/** The same, with what a module has beside it. */
export interface CellModule extends CellRuntime {
  import(specifier: string): Promise<unknown>;
  readonly meta: ImportMeta;
}

export interface Interrupter {
  /** Runs a cell; rejects with what it throws, and with a KeyboardInterrupt as soon as it is interrupted. */
  run(start: (cell: CellRuntime) => unknown): CellRun;
  /** Runs a callback of a cell in a task of its own; settles as it does, or rejects when it is interrupted. */
  call(action: () => unknown): Promise<void>;
  /** Stops what runs, if it waits; does nothing when nothing runs. */
  interrupt(): void;
}

export interface CellRun {
  readonly cell: CellRuntime;
  readonly finished: Promise<void>;
}

const isBreak = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';

/** Runs the microtasks that are due, here and now, and so inside the guard. Node keeps this old name for it. */
const runMicrotasks = () => (process as unknown as { _tickCallback(): void })._tickCallback();

/**
 * Gives SIGINT back to its listeners. While a script with `breakOnSigint` runs, Node puts them aside; a listener that the
 * script itself adds makes Node believe that the signal is still attended to, and so the next one would end the process.
 */
function listenAgain(): void {
  const listeners = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
  process.removeAllListeners('SIGINT');
  for (const listener of listeners) process.on('SIGINT', listener);
}

/** The guard's script finds what it is to call here: a vm script takes no arguments. */
const guardKey = 'apolab.guard';
const guardScript = new Script(`globalThis[Symbol.for('${guardKey}')]()`, { filename: 'apolab:guard' });

export function createInterrupter(gate: InterruptGate): Interrupter {
  const waiting = new Set<(reason: KeyboardInterrupt) => void>();
  /** Ends what is under way: a cell, and callbacks. */
  const stops = new Set<() => void>();
  let guarded: (() => void) | undefined;
  Object.defineProperty(globalThis, Symbol.for(guardKey), { value: () => guarded?.() });

  const guard = (action: () => void) => {
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
      // V8 has dropped the code that was interrupted together with its microtasks: nobody else will end it.
      const inCell = stops.size > 0;
      stops.forEach((stop) => stop());
      throw new GuardBroken(inCell);
    } finally {
      guarded = undefined;
      resetGate(gate);
      listenAgain();
    }
  };

  guardTimers(guard);

  /** Goes on with a cell's code: at once inside the guard, else from a fresh task, where the guard can run microtasks. */
  const resume = (action: () => void) => {
    if (guarded !== undefined) action();
    else kernelTimers.setImmediate(() => guard(action));
  };

  const createCell = (isStopped: () => boolean): CellRuntime => {
    const wait = <T>(value: T | PromiseLike<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        if (isStopped()) {
          reject(new KeyboardInterrupt());
          return;
        }
        waiting.add(reject);
        const settle = (action: () => void) => {
          waiting.delete(reject);
          resume(action);
        };
        Promise.resolve(value).then(
          (result) => settle(() => resolve(result)),
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it is
          (error: unknown) => settle(() => reject(error)),
        );
      });

    async function* each<T>(items: AsyncIterable<T> | Iterable<T | PromiseLike<T>>) {
      const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
      let open = true;
      try {
        for (;;) {
          open = false;
          const next = await wait(iterator.next());
          if (next.done === true) return;
          open = true;
          yield (await wait(next.value)) as T;
        }
      } catch (error) {
        // Not awaited: a generator that is stuck in its own await answers only when that settles.
        if (error instanceof KeyboardInterrupt) void iterator.return?.();
        throw error;
      } finally {
        if (open) await iterator.return?.();
      }
    }

    return { at: -1, wait, each };
  };

  /** Counts what is started: an interrupt ends what a cell does then, not what its handlers are called for later. */
  let started = 0;

  /** Starts `action` inside the guard when `schedule` says so, unless it is stopped before. */
  const start = (action: () => unknown, schedule: (begin: () => void) => void, onStop: () => void): Promise<void> => {
    let stop: () => void;
    started += 1;
    const finished = new Promise<void>((resolve, reject) => {
      // What waits for the end is the kernel, whose code must not run inside the guard, where an interrupt would drop it
      // and with it the answer: so it hears of the end in a task of its own.
      const end = (settle: () => void) => kernelTimers.setTimeout(settle, 0);
      let stopped = false;
      stop = () => {
        stopped = true;
        onStop();
        end(() => reject(new KeyboardInterrupt()));
      };
      stops.add(stop);
      schedule(() => {
        if (stopped) return;
        guard(() => {
          new Promise((done) => done(action())).then(
            () => end(resolve),
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it is
            (thrown: unknown) => end(() => reject(thrown)),
          );
        });
      });
    });
    return finished.finally(() => stops.delete(stop));
  };

  return {
    run(startCell) {
      let stoppedIn = 0;
      const cell = createCell(() => stoppedIn === started);
      // Two turns of the event loop: a SIGINT that came while the cell was compiled is heard before the cell starts.
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
      if (rejects.length > 0) guard(() => rejects.forEach((reject) => reject(new KeyboardInterrupt())));
    },
  };
}
