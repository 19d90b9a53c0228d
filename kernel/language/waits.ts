/**
 * What cells wait for. Each `await` of a cell's code is a wait: an interrupt rejects those that are open, once; code that catches
 * this goes on. The waits of a task that was abandoned are dropped: they never settle, and neither does any that it begins later.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createDeferred } from './deferred.js';
import type { Guard } from './guard.js';
import { KeyboardInterrupt } from './keyboardInterrupt.js';

/** A cell, or a callback of a page, from its start to its end. */
export interface Task {
  /** How often it was interrupted. */
  interrupts: number;
  /** Set if an interrupt came while nothing was waited for: the next wait is rejected. */
  isOwed: boolean;
  isAbandoned: boolean;
}

/** All open waits of a process. */
export class Waits {
  readonly #open = new Set<(reason: KeyboardInterrupt) => void>();
  /** The task to which the running code belongs, also in functions of earlier cells that it calls. */
  readonly #current = new AsyncLocalStorage<number>();
  /** By number: Node 20 and 22 keep what is stored on every promise, and print it with the promise. */
  readonly #tasks = new Map<number, Task>();
  #numbers = 0;
  readonly #guard: () => Guard;

  constructor(guard: () => Guard) {
    this.#guard = guard;
  }

  /** Runs the start of a task; all that it begins belongs to it. */
  within(task: Task, action: () => void): void {
    this.#numbers += 1;
    this.#tasks.set(this.#numbers, task);
    this.#current.run(this.#numbers, action);
  }

  /** Forgets a task that has ended; one that was abandoned is kept, because its code may still be called back. */
  end(task: Task): void {
    if (task.isAbandoned) return;
    for (const [number, each] of this.#tasks) if (each === task) this.#tasks.delete(number);
  }

  /** Settles as `value` does, or rejects when it is interrupted. */
  wait<T>(value: T | PromiseLike<T>): Promise<T> {
    const { promise, resolve, reject } = createDeferred<T>();
    const task = this.#tasks.get(this.#current.getStore() ?? 0);
    if (task?.isAbandoned === true) return promise;
    if (task?.isOwed === true) {
      task.isOwed = false;
      reject(new KeyboardInterrupt());
      return promise;
    }
    this.#open.add(reject);
    const settle = (action: () => void) => {
      this.#guard().resume(() => {
        // The wait is open until the code resumes: an interrupt may come before the task in which it does.
        if (this.#open.delete(reject) && task?.isAbandoned !== true) action();
      });
    };
    Promise.resolve(value).then(
      (result) => settle(() => resolve(result)),
      (error: unknown) => settle(() => reject(error)),
    );
    return promise;
  }

  /** Rejects all open waits, once; returns how many there were. */
  interrupt(): number {
    const rejects = [...this.#open];
    this.#open.clear();
    if (rejects.length > 0) this.#guard().run(() => rejects.forEach((reject) => reject(new KeyboardInterrupt())));
    return rejects.length;
  }

  /** Drops all open waits. */
  drop(): void {
    this.#open.clear();
  }
}
