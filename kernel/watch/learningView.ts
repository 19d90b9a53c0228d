/** What `watch` shows of a run: a bar, the curves and the answers, each in an output that is redrawn in place. */
import { randomUUID } from 'node:crypto';
import { jupyterDisplay } from '../../src/core/display.js';
import type { Display } from '../display/display.js';
import { drawBar } from '../display/progressBar.js';
import type { WatchedRun, WatchOptions, WatchSample } from './watchTypes.js';

/** Milliseconds between two drawings of the curves. */
const interval = { least: 250, most: 500 };
/** The curves take at most one part in so many of the time. */
const share = 25;
/** Points of a line while the run goes on; afterwards all are drawn. */
const livePoints = 300;

/** What is shown of a run. */
export interface LearningView {
  /** After a step: draws what is due. */
  step(): void;
  /** The answers. */
  answers(samples: readonly WatchSample[]): void;
  /** The last state, with a sentence that says how to go on. */
  end(note?: string): void;
}

/** The modules that draw; they are loaded with the first `watch`, so that the kernel starts as fast without. */
export async function loadLearningView() {
  const [{ learning }, { showAnswers }] = await Promise.all([
    import('../../src/charts/learning.js'),
    import('../../src/pairs/contrast/showAnswers.js'),
  ]);

  return (display: Display, run: WatchedRun, options: WatchOptions, now: () => number): LearningView => {
    const { prompts = [], smoothing } = options;
    let note: string | undefined;
    const bar = drawBar(display, now, '', () => ({
      done: run.history.length,
      total: run.steps,
      unit: 'steps',
      metrics: metricsOf(run),
      ...(note === undefined ? {} : { note }),
    }));
    const curves = { id: randomUUID(), shown: false };
    const table = { id: randomUUID(), shown: false };
    const show = (place: { id: string; shown: boolean }, value: unknown) => {
      display(value, { id: place.id, update: place.shown });
      place.shown = true;
    };
    let nextCurves = -Infinity;
    const drawCurves = (points?: number) => {
      const start = now();
      const given = { steps: run.steps, ...(points === undefined ? {} : { points }) };
      show(curves, learning(run.history, { ...given, ...(smoothing === undefined ? {} : { smoothing }) }));
      const end = now();
      nextCurves = start + Math.min(interval.most, Math.max(interval.least, share * (end - start)));
    };
    drawCurves(livePoints);
    return {
      step() {
        bar.advance(1);
        if (now() >= nextCurves) drawCurves(livePoints);
      },
      answers: (samples) => show(table, { [jupyterDisplay]: () => showAnswers(prompts, samples)[jupyterDisplay]() }),
      end(given) {
        note = given;
        bar.finish();
        drawCurves();
      },
    };
  };
}

function metricsOf({ history }: WatchedRun): Record<string, number> {
  const last = history.at(-1);
  if (last === undefined) return {};
  const { loss, 'rewards/margins': margin, 'rewards/chosen': chosen, 'rewards/rejected': rejected } = last;
  return { loss, margin, chosen, rejected };
}
