/** Those who want to hear of something: handlers, and who waits for the next one. */
import { jupyterDisplay } from '../../src/core/display.js';

/** What can be waited for, once or again and again. */
export interface Events<T> extends AsyncIterable<T> {
  /** The next one from now on (what came before is not kept); rejects where there can be no more. */
  readonly next: () => Promise<T>;
}

export interface Listeners<T> extends Events<T> {
  /** Adds a handler; returns what removes it. */
  readonly add: (handler: (event: T) => unknown) => () => void;
  /**
   * Calls every handler now. Resolves when they have ended, asynchronous ones too; rejects with what one of them threw, with an
   * AggregateError where it was several.
   */
  readonly call: (event: T) => Promise<void>;
  /** No more events: loops over them end, waits are rejected with `reason`. */
  readonly end: (reason: string) => void;
  /** What is heard of here when `select` finds it in an event; it ends with these. */
  readonly select: <U>(select: (event: T) => readonly U[]) => Listeners<U>;
}

/** A function that a cell may have as its last expression without showing it. */
export const quietly = (action: () => void): (() => void) => Object.assign(action, { [jupyterDisplay]: () => ({}) });

export function createListeners<T>(): Listeners<T> {
  const handlers = new Set<(event: T) => unknown>();
  const endings = new Set<(reason: string) => void>();
  let ended: string | undefined;

  const add = (handler: (event: T) => unknown) => {
    // The same function may be added twice, and each has its own removal.
    const own = (event: T) => handler(event);
    handlers.add(own);
    return quietly(() => void handlers.delete(own));
  };

  /** Written by hand: an async generator that waits can't be left before its next value. */
  const iterate = (): AsyncIterator<T, undefined> => {
    type Step = IteratorResult<T, undefined>;
    const last: Step = { done: true, value: undefined };
    const kept: Step[] = [];
    const waiting: ((step: Step) => void)[] = [];
    let open = ended === undefined;
    const close = () => {
      open = false;
      remove();
      endings.delete(close);
      waiting.splice(0).forEach((resolve) => resolve(last));
    };
    const remove = add((value) => {
      const step: Step = { done: false, value };
      const resolve = waiting.shift();
      if (resolve === undefined) kept.push(step);
      else resolve(step);
    });
    endings.add(close);
    return {
      next: () =>
        new Promise((resolve) => {
          const step = kept.shift() ?? (open ? undefined : last);
          if (step === undefined) waiting.push(resolve);
          else resolve(step);
        }),
      return() {
        close();
        return Promise.resolve(last);
      },
    };
  };

  const next = () =>
    new Promise<T>((resolve, reject) => {
      const fail = (reason: string) => reject(new Error(reason));
      if (ended !== undefined) {
        fail(ended);
        return;
      }
      endings.add(fail);
      const remove = add((event) => {
        remove();
        endings.delete(fail);
        resolve(event);
      });
    });

  return {
    add,
    next,
    [Symbol.asyncIterator]: iterate,
    async call(event) {
      const results = await Promise.allSettled([...handlers].map(async (handler) => await handler(event)));
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      if (errors.length > 1)
        throw new AggregateError(errors, `${errors.length} handlers failed: ${errors.map(String).join('; ')}`);
      if (errors.length === 1) throw errors[0];
    },
    end(reason) {
      ended = reason;
      endings.forEach((ending) => ending(reason));
      endings.clear();
      handlers.clear();
    },
    select<U>(select: (event: T) => readonly U[]) {
      const selected = createListeners<U>();
      add((event) => Promise.all(select(event).map((found) => selected.call(found))));
      endings.add(selected.end);
      return selected;
    },
  };
}
