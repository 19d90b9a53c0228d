/**
 * Timers that can be interrupted: callbacks that a cell or the library gives to `setTimeout`, `setInterval` or `setImmediate` run
 * inside the guard (guard.ts), and so does what they continue, like a training loop that lets the event loop turn once per step.
 * The kernel's own code must not run inside the guard, because an interrupt would drop it; it uses `kernelTimers`.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const { setTimeout, setImmediate, setInterval, clearInterval } = globalThis;
/** Node's own timers, for the kernel. */
export const kernelTimers = { setTimeout, setImmediate };

type Callback = (...given: unknown[]) => unknown;
type Timer = (callback: Callback, ...rest: unknown[]) => unknown;

/** The timers that cells have started. */
export interface GuardedTimers {
  /** Ends all intervals, and returns how many there were. */
  clearIntervals(): number;
}

/** Replaces the global timers, and those of `node:timers`, by ones that call back through `guard`. */
export function guardTimers(guard: (action: () => void) => void): GuardedTimers {
  // An interval that nobody holds any more still runs, so it is held here until it is cleared.
  const intervals = new Set<NodeJS.Timeout>();
  const guarded = {
    setTimeout: through(guard, setTimeout as Timer),
    setImmediate: through(guard, setImmediate),
    setInterval: like(setInterval as Timer, (callback, ...rest) => {
      const timer = setInterval(
        (...given: unknown[]) => {
          try {
            guard(() => callback(...given));
          } catch (error) {
            // An interrupt or an error ends the interval.
            clearInterval(timer);
            throw error;
          }
        },
        ...(rest as [number]),
      );
      intervals.add(timer);
      return timer;
    }),
  };
  Object.assign(globalThis, guarded);
  Object.assign(createRequire(import.meta.url)('node:timers') as object, guarded);
  syncBuiltinESMExports();
  return {
    clearIntervals() {
      const running = [...intervals].filter(isRunning);
      running.forEach((timer) => clearInterval(timer));
      intervals.clear();
      return running.length;
    },
  };
}

/** Whether a timer was not cleared; Node keeps that in a member without a declaration. */
const isRunning = (timer: NodeJS.Timeout) => !(timer as NodeJS.Timeout & { readonly _destroyed: boolean })._destroyed;

const through = (guard: (action: () => void) => void, original: Timer) =>
  like(original, (callback, ...rest) => original((...given) => guard(() => callback(...given)), ...rest));

/** `replacement` with the name and the promisified form of the original, which also reports a wrong callback. */
function like(original: Timer, replacement: Timer): Timer {
  const checked: Timer = (callback, ...rest) =>
    typeof callback === 'function' ? replacement(callback, ...rest) : original(callback, ...rest);
  return Object.defineProperties<Timer>(checked, Object.getOwnPropertyDescriptors(original));
}
