/**
 * Timers that can be interrupted: what a cell or the library gives to `setTimeout`, `setInterval` or `setImmediate` runs inside
 * the guard (interrupt.ts), and so does everything that goes on from there, like a training loop that lets the event loop turn
 * once a step. The kernel's own code must not run in there, where an interrupt would drop it; it uses `kernelTimers`.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const { setTimeout, setImmediate, setInterval, clearInterval } = globalThis;
export const kernelTimers = { setTimeout, setImmediate };

type Callback = (...given: unknown[]) => unknown;
type Timer = (callback: Callback, ...rest: unknown[]) => unknown;

/** Replaces the global timers, and those of `node:timers`, by ones that call back through `guard`. */
export function guardTimers(guard: (action: () => void) => void): void {
  const guarded = {
    setTimeout: through(guard, setTimeout as Timer),
    setImmediate: through(guard, setImmediate),
    setInterval: like(setInterval as Timer, (callback, ...rest) => {
      const timer = setInterval(
        (...given: unknown[]) => {
          try {
            guard(() => callback(...given));
          } catch (error) {
            // An interrupt is meant for all its turns, and so is an error.
            clearInterval(timer);
            throw error;
          }
        },
        ...(rest as [number]),
      );
      return timer;
    }),
  };
  Object.assign(globalThis, guarded);
  Object.assign(createRequire(import.meta.url)('node:timers') as object, guarded);
  syncBuiltinESMExports();
}

const through = (guard: (action: () => void) => void, original: Timer) =>
  like(original, (callback, ...rest) => original((...given) => guard(() => callback(...given)), ...rest));

/** `replacement` with the name and the promisified form of the original, which also says what is wrong with a bad callback. */
function like(original: Timer, replacement: Timer): Timer {
  const checked: Timer = (callback, ...rest) =>
    typeof callback === 'function' ? replacement(callback, ...rest) : original(callback, ...rest);
  return Object.defineProperties<Timer>(checked, Object.getOwnPropertyDescriptors(original));
}
