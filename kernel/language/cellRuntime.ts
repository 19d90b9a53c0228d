/** What a cell's compiled code calls, under the name `__cell__` (rewrite/rewriteCell.ts). */
import { KeyboardInterrupt } from './keyboardInterrupt.js';
import type { Waits } from './waits.js';

/** The part that makes a cell interruptible. */
export interface CellRuntime {
  /** The index of the top-level statement that runs; it gives the line of an interrupted loop. */
  at: number;
  /** Settles as `value` does, or rejects when the cell is interrupted. */
  wait<T>(value: T | PromiseLike<T>): Promise<T>;
  /** The same for each step of a `for await`. */
  each<T>(items: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): AsyncGenerator<T, void, undefined>;
}

/** The runtime together with what a module has, and the cell's imports and value. */
export interface CellModule extends CellRuntime {
  import(specifier: string): Promise<unknown>;
  readonly meta: ImportMeta;
  /** The value of the last expression. */
  value: unknown;
  /** Makes a member of a module a variable of the session. */
  bind(name: string, module: unknown, member: string): void;
  /** A member of a module. */
  member(module: unknown, name: string): unknown;
  /** Gives `var`s that have no value yet the value undefined. */
  hoist(names: readonly string[]): void;
  /** Called with what a `catch` of the cell has caught. */
  caught(error: unknown): void;
}

/** The runtime of one cell. */
export function createCellRuntime(waits: Pick<Waits, 'wait'>): CellRuntime {
  const wait = <T>(value: T | PromiseLike<T>) => waits.wait(value);

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
      // Not awaited: a generator that waits in its own await returns only when that settles.
      if (error instanceof KeyboardInterrupt) void iterator.return?.();
      throw error;
    } finally {
      if (open) await iterator.return?.();
    }
  }

  return { at: -1, wait, each };
}
