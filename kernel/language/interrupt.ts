/**
 * Interrupting cells without losing the process.
 *
 * All of a cell's code runs inside the guard (guard.ts): its first synchronous part, the microtasks that follow it, and, because
 * a cell's `await`s are compiled to `await __cell__.wait(...)`, every part that a timer or a socket resumes; and the callbacks of
 * all timers (timers.ts) and emitters (emitters.ts). While a cell only waits, the process's SIGINT handler calls `interrupt()`:
 * - the first time it rejects what is waited for (waits.ts); a cell that catches this goes on, and the person is told;
 * - the second time it abandons the cell: its answer is an error, and nothing that it waits for ever resumes;
 * - if nothing runs, it ends the intervals that earlier cells have left running, and what these still wait for.
 */
import type { InterruptGate } from '../messages/interruptGate.js';
import { createCellRuntime, type CellRuntime } from './cellRuntime.js';
import { createDeferred } from './deferred.js';
import { guardEmitters } from './emitters.js';
import { createGuard, type Guard } from './guard.js';
import { KeyboardInterrupt } from './keyboardInterrupt.js';
import { noteSyncChildren } from './syncChildren.js';
import { guardTimers, kernelTimers } from './timers.js';
import { Waits, type Task } from './waits.js';

/** Runs cells' code so that it can be interrupted. */
export interface Interrupter {
  /** Runs a cell; rejects with what it throws, and with a KeyboardInterrupt when it is interrupted and does not go on. */
  run(start: (cell: CellRuntime) => unknown): CellRun;
  /** Runs a callback of a cell in its own task; settles as it does, or rejects when it is interrupted. */
  call(action: () => unknown): Promise<void>;
  /** Settles as the kernel's own work for a cell does, or rejects when the cell is interrupted meanwhile. */
  prepare(work: Promise<void>): Promise<void>;
  /** Stops what runs, if it waits. */
  interrupt(): void;
}

/** A cell that runs. */
export interface CellRun {
  readonly cell: CellRuntime;
  readonly finished: Promise<void>;
}

/** A task that has not ended, and how it is ended from outside. */
interface Running extends Task {
  /** A callback of a page has nobody who sees it go on: it ends with the first interrupt. */
  readonly endsAtOnce: boolean;
  hasStarted: boolean;
  end(): void;
}

/** After this long, a cell that was interrupted and still runs has caught the interrupt. */
const patience = 1000;
/** Interrupts that follow the last one this soon are meant for the cell that has just ended. */
const pause = 1000;

const goesOnText =
  'The cell has caught the interrupt and goes on. Interrupt it again to abandon it; variables keep their values.';

/** An interrupter for this process; from now on timers and emitters call back inside its guard. */
export function createInterrupter(gate: InterruptGate, tell: (text: string) => void): Interrupter {
  const running = new Set<Running>();
  const waits: Waits = new Waits(() => guard);
  const guard: Guard = createGuard(gate, () => {
    const inTask = running.size > 0;
    lastInterrupt = performance.now();
    // The code that was running is gone, and with it the end of its task.
    running.forEach((task) => task.end());
    kernelTimers.setImmediate(() => waits.interrupt());
    return inTask;
  });
  const timers = guardTimers((action) => guard.run(action));
  guardEmitters((action) => guard.run(action));
  noteSyncChildren(gate);
  let lastInterrupt = -Infinity;

  /** Starts `action` inside the guard when `schedule` calls `begin`, unless it is ended before. */
  const start = (action: () => unknown, schedule: (begin: () => void) => void, endsAtOnce: boolean): Promise<void> => {
    const { promise, resolve, reject } = createDeferred<undefined>();
    // The kernel waits for the end. Its code must not run inside the guard, because an interrupt would drop it and the answer
    // with it: so it is resumed in a new task.
    const settle = (how: () => void) => kernelTimers.setTimeout(how, 0);
    const task = newTask(endsAtOnce, () => settle(() => reject(new KeyboardInterrupt())));
    running.add(task);
    schedule(() => {
      if (task.interrupts > 0) return;
      task.hasStarted = true;
      waits.within(task, () =>
        guard.run(() => {
          new Promise((done) => done(action())).then(
            () => settle(() => resolve(undefined)),
            (thrown: unknown) => settle(() => reject(thrown)),
          );
        }),
      );
    });
    return promise.finally(() => {
      running.delete(task);
      waits.end(task);
    });
  };

  return {
    run(startCell) {
      const cell = createCellRuntime(waits);
      // Two turns of the event loop: a SIGINT that came while the cell was compiled is handled before the cell starts.
      const schedule = (begin: () => void) => void kernelTimers.setImmediate(() => kernelTimers.setImmediate(begin));
      return { cell, finished: start(() => startCell(cell), schedule, false) };
    },

    call: (action) => start(action, (begin) => void kernelTimers.setImmediate(begin), true),

    prepare(work) {
      const { promise, reject } = createDeferred<never>();
      const task = newTask(true, () => reject(new KeyboardInterrupt()));
      running.add(task);
      return Promise.race([work, promise]).finally(() => running.delete(task));
    },

    interrupt() {
      const tasks = [...running];
      tasks.forEach((task) => interruptTask(task, () => running.has(task), tell));
      if (tasks.some(({ isAbandoned }) => isAbandoned)) waits.drop();
      const rejected = waits.interrupt();
      if (tasks.length === 0 && performance.now() - lastInterrupt > pause)
        tellIdle(timers.clearIntervals(), rejected, tell);
      if (rejected === 0) tasks.forEach((task) => (task.isOwed = !task.isAbandoned));
      lastInterrupt = performance.now();
    },
  };
}

const newTask = (endsAtOnce: boolean, end: () => void): Running => ({
  interrupts: 0,
  isOwed: false,
  isAbandoned: false,
  hasStarted: false,
  endsAtOnce,
  end,
});

function interruptTask(task: Running, isRunning: () => boolean, tell: (text: string) => void): void {
  task.interrupts += 1;
  if (!task.hasStarted || task.endsAtOnce) {
    task.end();
  } else if (task.interrupts === 1) {
    kernelTimers.setTimeout(() => {
      if (isRunning() && task.interrupts === 1) tell(goesOnText);
    }, patience);
  } else {
    task.isAbandoned = true;
    task.end();
  }
}

function tellIdle(intervals: number, waiting: number, tell: (text: string) => void): void {
  const counted = (count: number, what: string) => (count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]);
  const all = [...counted(intervals, 'interval'), ...counted(waiting, 'waiting function')];
  if (all.length > 0) tell(`No cell was running; the interrupt has ended ${all.join(' and ')} of earlier cells.`);
}
