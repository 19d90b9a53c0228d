/** `live(value)`: an output that the cell replaces in place, as often as it likes; the page draws only as often as it is worth. */
import { randomUUID } from 'node:crypto';
import { jupyterDisplay, type Displayable } from '../../src/core/display.js';
import type { Displays } from './display.js';

/** Options of `live`. */
export interface LiveOptions {
  /** A name for the output, as in `display`. */
  readonly id?: string;
  /** The least time between two redraws, in milliseconds; 40 by default. Values in between are left out, the last one is shown. */
  readonly every?: number;
}

/** An output that can be replaced. */
export interface LiveView extends Displayable {
  /** The output's name: `display(value, { id, update: true })` replaces it, too. */
  readonly id: string;
  /**
   * Shows this value in place of the last one. Cheap enough for a loop: a redraw takes at most a tenth of the time, and what comes
   * faster is left out, but never the last value.
   */
  update(value: unknown): void;
}

/**
 * Shows a value (a figure, a table, text) at once, and returns a handle that replaces it in place, from any cell, loop or
 * `onChange`. A figure keeps its zoom and its hidden traces.
 *
 * @throws RangeError if `every` is not a number of milliseconds.
 *
 * @example
 * const run = training.train(policy, pairs, { objective: 'dpo' });
 * const curves = live(charts.rewards(run.history));
 * for await (const step of run) curves.update(charts.rewards(run.history));
 */
export type Live = (value: unknown, options?: LiveOptions) => LiveView;

/** Time between redraws, as a multiple of what the last one took the kernel. */
const pause = 9;

/** The global `live`. `later` runs an action after some milliseconds; `now` is a clock in milliseconds. */
export function createLive(
  displays: Pick<Displays, 'display' | 'keep'>,
  later: (action: () => void, milliseconds: number) => unknown,
  now: () => number = () => performance.now(),
): Live {
  return (value, { id = randomUUID(), every = 40 } = {}) => {
    if (!(every >= 0))
      throw new RangeError(`every is ${every}; expected milliseconds between two redraws, such as 40.`);
    let nextDraw = -Infinity;
    let waiting: { readonly value: unknown } | undefined;
    const draw = (given: unknown, update: boolean) => {
      waiting = undefined;
      const start = now();
      displays.display(given, { id, update });
      const end = now();
      nextDraw = end + Math.max(every, pause * (end - start));
    };
    draw(value, false);
    return {
      id,
      update(given) {
        if (now() >= nextDraw) {
          draw(given, true);
          return;
        }
        const planned = waiting !== undefined;
        waiting = { value: given };
        if (planned) return;
        const due = new Promise<void>((resolve) => void later(resolve, nextDraw - now()));
        const last = due.then(() => {
          // In between, a loop that never waits may have drawn.
          if (waiting !== undefined) draw(waiting.value, true);
        });
        displays.keep(last);
      },
      // It is on the page already: a cell that ends with the handle shows nothing more.
      [jupyterDisplay]: () => ({}),
    };
  };
}
