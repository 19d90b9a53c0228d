/** When `watch` draws, on a clock of its own: often enough, and not more than its share of the time. */
import { describe, expect, it } from 'vitest';
import type { MimeBundle } from '../../src/core/display.js';
import { progressOf } from '../../src/core/followed.js';
import type { Display } from '../../kernel/display/display.js';
import { createWatch } from '../../kernel/watch/watch.js';
import type { WatchedStep } from '../../kernel/watch/watchTypes.js';

/** Watches a run whose steps and drawings of curves take so many milliseconds; gives the times of the drawings. */
async function watchRun(stepTime: number, drawTime: number, steps: number) {
  let now = 0;
  const draws: number[] = [];
  const display = {
    mime: (bundle: MimeBundle) => {
      if (!('application/vnd.plotly.v1+json' in bundle)) return;
      draws.push(now);
      now += drawTime;
    },
  } as unknown as Display;
  const history: WatchedStep[] = [];
  const run = {
    history,
    steps,
    model: { generate: () => Promise.reject(new Error('there are no prompts')) },
    [progressOf]: () => ({ done: history.length, total: steps }),
    async *[Symbol.asyncIterator]() {
      for (let step = 1; step <= steps; step++) {
        now += stepTime;
        history.push({ step, steps, loss: 1 / step });
        yield await Promise.resolve(history.at(-1)!);
      }
    },
  };
  await createWatch(display, () => now)(run);
  return { draws, share: (draws.length * drawTime) / now };
}

describe('watch', () => {
  it.each([
    [1, 2],
    [10, 10],
    [30, 18],
  ])(
    'draws at least twice a second in at most a twentieth of the time (steps of %i ms, drawings of %i ms)',
    async (step, draw) => {
      const { draws, share } = await watchRun(step, draw, Math.ceil(10_000 / step));
      const pauses = draws.slice(1).map((time, index) => time - draws[index]!);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(500);
      expect(share).toBeLessThan(0.05);
    },
  );

  it('draws after each step if a step takes longer, and the last state in any case', async () => {
    const { draws } = await watchRun(2000, 5, 5);
    expect(draws).toEqual([0, 2005, 4010, 6015, 8020, 10025, 10030]);
    expect((await watchRun(1, 5, 3)).draws).toHaveLength(2);
  });
});
