/** Takes the steps of a training run: shows progress, prints the metrics if asked, and keeps them in the run's folder. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomic } from '../../core/atomicFile.js';
import { createProgress, type ProgressLine } from '../../core/progress.js';
import type { TrainingRun, UnpairedStep, UnpairedStepMetrics } from '../../training/index.js';
import type { TrainFlags } from './options.js';
import { runFiles } from './runFolder.js';
import { Interrupted, type StopRequest } from './stopRequest.js';

/**
 * Progress of the reference's log-probabilities, as the library's callback.
 *
 * @returns a callback that throws Interrupted if the run is to stop.
 */
export function referenceProgress(stop: StopRequest): (done: number, total: number) => void {
  let progress: ProgressLine | undefined;
  return (done, total) => {
    progress ??= createProgress('reference', total);
    progress.update(done);
    if (done === total) progress.finish();
    if (stop.requested()) throw new Interrupted('Stopped before the first step; the same command starts again.');
  };
}

/**
 * Takes every step that is left. `history.jsonl` always holds the whole run and each step once, also after a run that
 * continued from a checkpoint.
 *
 * @throws Interrupted after the step in which the run was to stop.
 */
export async function followRun(
  run: TrainingRun<UnpairedStepMetrics>,
  out: string,
  stop: StopRequest,
  flags: TrainFlags,
): Promise<void> {
  let progress: ProgressLine | undefined;
  for await (const step of run) {
    if (progress === undefined) {
      await beginFiles(run, out, flags, { before: run.history.slice(0, -1), next: [step] });
      progress = createProgress('training', step.steps, process.stderr, Date.now, step.step - 1);
    } else {
      appendFileSync(path.join(out, runFiles.history), toLine(step));
    }
    if (flags.json === true) console.log(JSON.stringify(step));
    progress.update(step.step, noteOf(step));
    if (stop.requested() && step.step < step.steps) {
      progress.finish(noteOf(step));
      throw new Interrupted(`Saved ${await run.save()}. The same command goes on from there.`);
    }
  }
  stop.dispose();
  const last = run.history.at(-1);
  if (progress === undefined) {
    await beginFiles(run, out, flags, { before: run.history, next: [] });
    console.error('Every step of this run is taken already; --fresh starts from step 1.');
  } else if (last !== undefined) {
    progress.finish(noteOf(last));
  }
}

/** Writes the settings and the history so far: only after a step is it certain that the folder's run is this one. */
async function beginFiles(
  run: TrainingRun<UnpairedStepMetrics>,
  out: string,
  flags: TrainFlags,
  { before, next }: { readonly before: readonly UnpairedStep[]; readonly next: readonly UnpairedStep[] },
): Promise<void> {
  run.findings.forEach(({ message }) => console.error(`note: ${message}`));
  if (run.referenceSource?.kind === 'computed' && run.referenceSource.damaged !== undefined) {
    console.error(`note: ${run.referenceSource.damaged}; the reference's log-probabilities were computed again.`);
  }
  if (before.length > 0) console.error(`Going on after step ${before.length}.`);
  const settings = { model: path.resolve(flags.model), pairs: path.resolve(flags.pairs), ...run.settings };
  await writeAtomic(path.join(out, runFiles.settings), `${JSON.stringify(settings, null, 2)}\n`);
  await writeAtomic(path.join(out, runFiles.history), [...before, ...next].map(toLine).join(''));
}

const toLine = (step: UnpairedStep) => `${JSON.stringify(step)}\n`;

function noteOf({ loss, 'rewards/margins': margin }: UnpairedStep): string {
  return `loss ${loss.toFixed(4)}${margin === undefined ? '' : `  margin ${margin.toFixed(3)}`}`;
}
