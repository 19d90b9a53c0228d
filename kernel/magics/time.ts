/** `%time` and `%%time`: how long code runs, without its compilation. */
import { MagicError, type Magic, type MagicAction } from './magic.js';

const measure: MagicAction = async ({ run, print }) => {
  const outcome = await run();
  if (outcome.kind === 'done') print(`Wall time: ${duration(outcome.milliseconds ?? 0)}\n`);
  return outcome;
};

/** Prints the time after the code's output; throws a MagicError if `%time` has no code. */
export const timeMagic = {
  summary: 'runs code and prints how long it took',
  usage: ['%time EXPRESSION', '%%time'],
  takes: 'typescript',
  line(call) {
    if (call.argument === '')
      throw new MagicError('%time needs code to run: %time EXPRESSION, or %%time above a cell.');
    return measure(call);
  },
  cell: measure,
} satisfies Magic;

/**
 * A duration with three digits and its unit, from µs to min.
 *
 * @example
 * duration(1234.5); // '1.23 s'
 */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toPrecision(3)} µs`;
  if (milliseconds < 1000) return `${milliseconds.toPrecision(3)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toPrecision(3)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - 60 * minutes)} s`;
}
