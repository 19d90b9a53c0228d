/** Handlers of events, waits for the next event, and loops over events. */
import { jupyterDisplay } from '../../src/core/display.js';

/** Events that can be waited for, once or in a loop. */
export interface Events<T> extends AsyncIterable<T> {
  /** The next event from now on (earlier ones are not kept); rejects when there can be no more. */
  readonly next: () => Promise<T>;
}

/** Who is called for events of one kind. */
export interface Listeners<T> extends Events<T> {
  /** Adds a handler; returns a function that removes it. */
  readonly add: (handler: (event: T) => unknown) => () => void;
  /**
   * Calls every handler now. Resolves when they have ended, asynchronous ones too; rejects with what one of them threw, or with
   * an AggregateError if several did.
   */
  readonly call: (event: T) => Promise<void>;
  /** No more events: loops over them end, waits are rejected with `reason`. */
  readonly end: (reason: string) => void;
  /** Listeners of what `select` finds in each event; they end with these. */
  readonly select: <U>(select: (event: T) => readonly U[]) => Listeners<U>;
}

/** A function that shows nothing when it is a cell's last expression. */
export const quietly = (action: () => void): (() => void) => Object.assign(action, { [jupyterDisplay]: () => ({}) });

interface State<T> {
  readonly handlers: Set<(event: T) => unknown>;
  readonly endings: Set<(reason: string) => void>;
  /** The reason, after the end. */
  ended: string | undefined;
}

/** Listeners without a handler yet. */
export function createListeners<T>(): Listeners<T> {
  const state: State<T> = { handlers: new Set(), endings: new Set(), ended: undefined };
  const { handlers, endings } = state;
  return {
    add: (handler) => addHandler(state, handler),
    next: () => nextEvent(state),
    [Symbol.asyncIterator]: () => iterate(state),
    async call(event) {
      const results = await Promise.allSettled([...handlers].map(async (handler) => await handler(event)));
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      if (errors.length > 1)
        throw new AggregateError(errors, `${errors.length} handlers failed: ${errors.map(String).join('; ')}`);
      if (errors.length === 1) throw errors[0];
    },
    end(reason) {
      state.ended = reason;
      endings.forEach((ending) => ending(reason));
      endings.clear();
      handlers.clear();
    },
    select<U>(select: (event: T) => readonly U[]) {
      const selected = createListeners<U>();
      addHandler(state, (event) => Promise.all(select(event).map((found) => selected.call(found))));
      endings.add(selected.end);
      return selected;
    },
  };
}

function addHandler<T>({ handlers }: State<T>, handler: (event: T) => unknown): () => void {
  // The same function may be added twice, and each time has its own removal.
  const own = (event: T) => handler(event);
  handlers.add(own);
  return quietly(() => void handlers.delete(own));
}

function nextEvent<T>(state: State<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(reason));
    if (state.ended !== undefined) {
      fail(state.ended);
      return;
    }
    state.endings.add(fail);
    const remove = addHandler(state, (event) => {
      remove();
      state.endings.delete(fail);
      resolve(event);
    });
  });
}

/** Written by hand: a loop over an async generator that waits can't be left before the generator's next value. */
function iterate<T>(state: State<T>): AsyncIterator<T, undefined> {
  type Step = IteratorResult<T, undefined>;
  const last: Step = { done: true, value: undefined };
  const kept: Step[] = [];
  const waiting: ((step: Step) => void)[] = [];
  let open = state.ended === undefined;
  const close = () => {
    open = false;
    remove();
    state.endings.delete(close);
    waiting.splice(0).forEach((resolve) => resolve(last));
  };
  const remove = addHandler(state, (value) => {
    const step: Step = { done: false, value };
    const resolve = waiting.shift();
    if (resolve === undefined) kept.push(step);
    else resolve(step);
  });
  state.endings.add(close);
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
}
