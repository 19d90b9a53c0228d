/**
 * The grid: every dataset with every objective, trained from the same base, each cell in a process of its own.
 *
 * open the folder -> per seed: pairs and base -> cells (reused where they are finished, else trained) -> the grid
 */
import { setMaxListeners } from 'node:events';
import { availableParallelism, cpus } from 'node:os';
import { setImmediate } from 'node:timers/promises';

import { ApolabError } from '../../core/errors.js';
import { packageVersion } from '../../core/packageRoot.js';
import type { CellSettings, Evaluation } from '../cell/cell.js';
import { cellKey, folderHash, readCell, writeCell, type TrainedCell } from '../cell/cellStore.js';
import { showable } from '../report/gridDisplay.js';
import type { CellFailure, Grid, GridCell, PairsRecord } from '../grid.js';
import { printEvents, type GridEvent } from './gridEvents.js';
import type { PreparedPairs, PreparedRun, PrepareRun } from './prepared.js';
import { cellProcess, CellProcess } from '../cell/cellProcess.js';
import { openRun, shownPath } from './runFolder.js';
import { withRunLock } from './runLock.js';
import { learningRate, type RunSettings } from './runSettings.js';
import { changeIntervals, maxChange, meanChange } from '../report/statistics.js';
import type { DatasetId } from '../../datasets/paper.js';

export interface GridOptions {
  /** Hears of everything that happens; a live progress line by default. */
  readonly onEvent?: (event: GridEvent) => void;
  /** Stops the run; what is finished is kept, and so does Ctrl-C or the interrupt of a notebook. */
  readonly signal?: AbortSignal;
  /** Makes the pairs and scores the base. */
  readonly prepare?: PrepareRun;
  /** Module that a cell's process runs. */
  readonly entry?: string;
}

/** The run was stopped; its finished cells are kept. */
export class RunInterruptedError extends ApolabError {
  override name = 'RunInterruptedError';
}

/** One cell to train, with all that it needs. */
interface Job {
  readonly settings: CellSettings;
  readonly base: Evaluation;
  readonly key: string;
}

/**
 * Trains the grid, or what is left of it: a run that was interrupted is continued where it stopped.
 *
 * @throws RunInterruptedError where it was stopped. A cell that fails twice is reported in `failures`, and the rest goes on.
 * @example
 * const grid = await ablation.runGrid(ablation.runSettings({ preset: 'quick' }));
 */
export async function runGrid(run: RunSettings, options: GridOptions = {}): Promise<Grid> {
  const { onEvent = printEvents(), prepare = await defaultPrepare(), entry = cellProcess } = options;
  const train = async (signal: AbortSignal) => {
    const opened = await openRun(run);
    onEvent({ kind: 'opened', folder: run.out, opened });
    const began = performance.now();
    const prepared = new Map<number, PreparedRun>();
    for (const seed of seedsOf(run)) {
      if (signal.aborted) throw interrupted(run, 0);
      const ready = await prepare({ ...run, seed, seeds: 1 }, (progress) => onEvent({ kind: 'preparing', progress }));
      prepared.set(seed, ready);
      onEvent({ kind: 'prepared', seed, base: ready.base.score, pairs: pairsRecords(run, seed, ready) });
    }
    const jobs = [...prepared].flatMap(([seed, ready]) => jobsOf(run, seed, ready));
    const { trained, failures } = await runJobs(jobs, run, { entry, signal, onEvent });
    const bases = [...prepared].map(([seed, { base }]) => ({ seed, score: base.score, correct: base.correct }));
    return showable({
      run,
      base: { score: bases.reduce((sum, { score }) => sum + score, 0) / bases.length, seeds: bases },
      cells: jobs.flatMap((job) => gridCell(job, trained.get(job))),
      failures,
      pairs: [...prepared].flatMap(([seed, ready]) => pairsRecords(run, seed, ready)),
      environment: {
        apolab: packageVersion,
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
        processors: `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
      },
      startedAt: opened.startedAt,
      finishedAt: new Date().toISOString(),
      seconds: (performance.now() - began) / 1000,
    });
  };
  return withRunLock(run.out, () => stoppable(options.signal, train));
}

/** Trains the jobs that are not on disk yet, `run.parallel` at a time. */
async function runJobs(
  jobs: readonly Job[],
  run: RunSettings,
  options: { entry: string; signal: AbortSignal; onEvent: (event: GridEvent) => void },
): Promise<{ trained: Map<Job, TrainedCell>; failures: CellFailure[] }> {
  const { signal, onEvent } = options;
  const threads = Math.max(1, Math.floor(availableParallelism() / run.parallel));
  const trained = new Map<Job, TrainedCell>();
  const failures: CellFailure[] = [];
  for (const job of jobs) {
    const stored = readCell(run.out, job.settings, job.key);
    if (stored !== undefined) trained.set(job, stored);
  }
  onEvent({ kind: 'started', reused: trained.size, total: jobs.length });

  const train = async (job: Job, process: CellProcess) => {
    const { dataset, objective, seed } = job.settings;
    const onProgress = (progress: GridEventProgress) =>
      onEvent({ kind: 'progress', dataset, objective, seed, progress });
    for (const attempt of [1, 2]) {
      try {
        const cell = await process.run(job.settings, job.base, onProgress);
        await writeCell(run.out, job.settings, job.key, cell);
        trained.set(job, cell);
        onEvent({ kind: 'finished', ...changesOf(job, cell) });
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        const failure = { dataset, objective, seed, reason };
        onEvent({ kind: attempt === 1 ? 'retried' : 'failed', ...failure });
        if (attempt === 2) failures.push(failure);
      }
    }
  };
  // The workers share one iterator, so each takes the next job that nobody has.
  const queue = jobs.filter((job) => !trained.has(job)).values();
  const work = async () => {
    const process = new CellProcess({ ...options, threads });
    for (const job of queue) {
      if (signal.aborted) break;
      await train(job, process);
    }
    process.end();
  };
  await Promise.all(Array.from({ length: run.parallel }, work));
  if (signal.aborted) {
    const stopped = interrupted(run, trained.size, jobs.length);
    // Told as an event too: a notebook's cell that was interrupted has ended before this can be thrown into it.
    onEvent({ kind: 'stopped', message: stopped.message });
    throw stopped;
  }
  return { trained, failures };
}

type GridEventProgress = Extract<GridEvent, { kind: 'progress' }>['progress'];

function jobsOf(run: RunSettings, seed: number, { policy, worldSeed, base, pairs }: PreparedRun): Job[] {
  const policyHash = folderHash(policy);
  const { epochs, batchSize, beta, evaluationPrompts, split } = run;
  return run.datasets.flatMap((dataset) =>
    run.objectives.map((objective) => {
      const settings: CellSettings = {
        dataset,
        objective,
        seed,
        policy,
        pairs: pairsOf(pairs, dataset).file,
        epochs,
        batchSize,
        learningRate: learningRate(run, objective),
        beta,
        worldSeed,
        evaluationPrompts,
        split,
      };
      return { settings, base, key: cellKey(settings, base, policyHash) };
    }),
  );
}

function gridCell({ settings, base }: Job, trained: TrainedCell | undefined): GridCell[] {
  if (trained === undefined) return [];
  const { result, backend } = trained;
  const intervals = changeIntervals(base.correct, result.correct, settings.seed);
  return [{ ...result, baseScore: base.score, maxInterval: intervals.max, meanInterval: intervals.mean, backend }];
}

function changesOf({ settings, base }: Job, { result }: TrainedCell) {
  const { dataset, objective, seed } = settings;
  return {
    dataset,
    objective,
    seed,
    maxChange: maxChange(result.scores, base.score),
    meanChange: meanChange(result.scores, base.score),
  };
}

function pairsRecords(run: RunSettings, seed: number, { pairs }: PreparedRun): PairsRecord[] {
  return run.datasets.map((dataset) => ({ dataset, seed, ...pairsOf(pairs, dataset) }));
}

function pairsOf(pairs: PreparedRun['pairs'], dataset: DatasetId): PreparedPairs {
  const found = pairs[dataset];
  if (found === undefined) throw new ApolabError(`The preparation of the run made no pairs for ${dataset}.`);
  return found;
}

function seedsOf(run: RunSettings): number[] {
  return Array.from({ length: run.seeds }, (_, index) => run.seed + index);
}

/** Runs `work` with a signal that follows the caller's and SIGINT, which is also what a notebook's interrupt sends. */
async function stoppable<T>(outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const stop = () => controller.abort();
  // From a task of its own: a SIGINT listener that is added while a notebook's kernel runs a cell's code inside Node's
  // `breakOnSigint` loses its signal when that ends, and the next interrupt would end the process.
  await setImmediate();
  outer?.addEventListener('abort', stop);
  process.on('SIGINT', stop);
  if (outer?.aborted === true) stop();
  try {
    return await work(controller.signal);
  } finally {
    outer?.removeEventListener('abort', stop);
    process.removeListener('SIGINT', stop);
  }
}

function interrupted(run: RunSettings, finished: number, total?: number): RunInterruptedError {
  const count = total === undefined ? 'before its first cell' : `with ${finished} of ${total} cells finished`;
  return new RunInterruptedError(
    `The run was stopped ${count}; what is finished is kept in ${shownPath(run.out)}. Run the same again and it goes on from there.`,
  );
}

async function defaultPrepare(): Promise<PrepareRun> {
  // Loaded when it is needed: whoever only reads a grid should not wait for TensorFlow.
  return (await import('./prepare.js')).prepareRun;
}
