/** What `watch` shows of a run: a bar, the curves and the answers, each in an output that is redrawn in place. */
import { jupyterDisplay } from '../../src/core/display.js';
import { progressOf } from '../../src/core/followed.js';
import type { Display } from '../display/display.js';
import { figureSvg } from '../display/figureSvg/index.js';
import { drawBar } from '../display/progressBar.js';
import { replacing } from '../display/replacing.js';
import type { WatchedRun, WatchOptions, WatchSample } from './watchTypes.js';

/** Milliseconds between two drawings of the curves. */
const interval = { least: 250, most: 450 };
/** The curves take at most one part in so many of the time. */
const share = 25;
/** Milliseconds between two drawings of the picture for front ends without plotly; drawing it takes several times as long as the rest. */
const pictureInterval = 5000;
/** Points of a line while the run goes on; afterwards all are drawn. */
const livePoints = 150;

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
    const bar = drawBar(display, now, '', () => ({ ...run[progressOf](), ...(note === undefined ? {} : { note }) }));
    const [showCurves, showTable] = [replacing(display), replacing(display)];
    let nextCurves = -Infinity;
    let nextPicture = -Infinity;
    let picture = '';
    const drawCurves = (points?: number) => {
      const start = now();
      const given = { steps: run.steps, ...(points === undefined ? {} : { points }) };
      const figure = learning(run.history, { ...given, ...(smoothing === undefined ? {} : { smoothing }) });
      if (points === undefined || start >= nextPicture) {
        picture = figureSvg(figure);
        nextPicture = start + pictureInterval;
      }
      showCurves({ ...figure[jupyterDisplay](), 'image/svg+xml': picture });
      const end = now();
      nextCurves = start + Math.min(interval.most, Math.max(interval.least, share * (end - start)));
    };
    drawCurves(livePoints);
    return {
      step() {
        bar.advance(1);
        if (now() >= nextCurves) drawCurves(livePoints);
      },
      answers: (samples) => showTable(showAnswers(prompts, samples)[jupyterDisplay]()),
      end(given) {
        note = given;
        bar.finish();
        drawCurves();
      },
    };
  };
}
