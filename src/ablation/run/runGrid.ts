/**
 * The grid: every dataset with every objective, trained from the same base, each cell in a process of its own; cells of own objectives
 * are trained in this one.
 *
 * open the folder -> per seed: pairs and base -> cells (stored ones reused, the others trained) -> the grid
 */
import { availableParallelism, cpus } from 'node:os';

import { ApolabError } from '../../core/errors.js';
import { packageVersion } from '../../core/packageRoot.js';
import { mean } from '../../core/statistics.js';
import type { DatasetId } from '../../datasets/paper.js';
import type { CellProgress, CellSettings, PolicyScore } from '../cell/cell.js';
import { cellsHere, type CellTrainer } from '../cell/cellHere.js';
import { cellEntry, CellProcess } from '../cell/cellProcess.js';
import { cellKey, folderHash, readCell, writeCell, type TrainedCell } from '../cell/cellStore.js';
import { changeIntervals } from '../changes.js';
import type { CellFailure, Grid, GridCell, PairsRecord } from '../grid.js';
import { showable } from '../report/gridDisplay.js';
import { printEvents, type GridEvent } from './gridEvents.js';
import type { PreparedPairs, PreparedRun, PrepareRun } from './prepared.js';
import { openRun, shownPath } from './runFolder.js';
import { withRunLock } from './runLock.js';
import { learningRate, type RunSettings } from './runSettings.js';
import { withInterrupt } from './withInterrupt.js';

/** How a run reports and stops; tests give it another preparation and trainer. */
export interface GridOptions {
  /** Called for everything that happens; by default a live progress line is printed. */
  readonly onEvent?: (event: GridEvent) => void;
  /** Stops the run, as Ctrl-C and the interrupt of a notebook do; finished cells are kept. */
  readonly signal?: AbortSignal;
  /** Makes the pairs and scores the base. */
  readonly prepare?: PrepareRun;
  /** Path of the module that a cell's process runs. */
  readonly entry?: string;
}

/** The run was stopped; its finished cells are kept, and the same run continues from there. */
export class RunInterruptedError extends ApolabError {
  override name = 'RunInterruptedError';
}

/** One cell to train. */
interface Job {
  readonly settings: CellSettings;
  readonly base: PolicyScore;
  readonly key: string;
}

/**
 * Trains the grid. A run that was interrupted is continued: cells that are finished are not trained again. A cell that fails
 * twice is reported in `failures`, and the other cells are trained.
 *
 * @throws RunInterruptedError if it was stopped; ApolabError if another process trains in the folder, or the folder holds an
 *   earlier run that cannot be moved aside
 * @example
 * const grid = await ablation.runGrid(ablation.runSettings({ preset: 'quick' }));
 */
export async function runGrid(run: RunSettings, options: GridOptions = {}): Promise<Grid> {
  const { onEvent = printEvents(), prepare = await defaultPrepare(), entry = cellEntry } = options;
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
    const bases = [...prepared].map(([seed, { base }]) => ({ seed, ...base }));
    return showable({
      run,
      base: { score: mean(bases.map(({ score }) => score)), seeds: bases },
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
  return withRunLock(run.out, () => withInterrupt(options.signal, train));
}

/** Trains the jobs that have no stored cell, `run.parallel` at a time. */
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

  const train = async (job: Job, trainer: CellTrainer) => {
    const { dataset, objective, seed } = job.settings;
    const onProgress = (progress: CellProgress) => onEvent({ kind: 'progress', dataset, objective, seed, progress });
    for (const attempt of [1, 2]) {
      try {
        const cell = await trainer.run(job.settings, job.base, onProgress);
        await writeCell(run.out, job.settings, job.key, cell);
        trained.set(job, cell);
        const { maxChange, meanChange } = cell.result;
        onEvent({ kind: 'finished', dataset, objective, seed, maxChange, meanChange });
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
  const waiting = jobs.filter((job) => !trained.has(job));
  const own = waiting.filter(({ settings }) => settings.ownObjective !== undefined);
  // The workers share one iterator, so each job is taken once.
  const others = waiting.filter((job) => !own.includes(job)).values();
  const work = async (trainer: CellTrainer, queue: Iterable<Job>) => {
    for (const job of queue) {
      if (signal.aborted) break;
      await train(job, trainer);
    }
    trainer.end();
  };
  const processes = Math.max(1, run.parallel - (own.length === 0 ? 0 : 1));
  await Promise.all([
    work(cellsHere(run.ownObjectives ?? [], signal), own),
    ...Array.from({ length: processes }, () => work(new CellProcess({ ...options, threads }), others)),
  ]);
  if (signal.aborted) {
    const stopped = interrupted(run, trained.size, jobs.length);
    // An event as well: a notebook's cell that was interrupted has ended before this error can be thrown into it.
    onEvent({ kind: 'stopped', message: stopped.message });
    throw stopped;
  }
  return { trained, failures };
}

function jobsOf(run: RunSettings, seed: number, { policy, worldSeed, base, pairs }: PreparedRun): Job[] {
  const policyHash = folderHash(policy);
  const { epochs, batchSize, beta, evaluationPrompts, split } = run;
  return run.datasets.flatMap((dataset) =>
    run.objectives.map((objective) => {
      const own = run.ownObjectives?.find(({ id }) => id === objective);
      const settings: CellSettings = {
        dataset,
        objective,
        ...(own === undefined ? {} : { ownObjective: { definition: own.definition, defaults: own.defaults } }),
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
  const intervals = changeIntervals(base.itemScores, result.itemScores, settings.seed);
  return [{ ...result, baseScore: base.score, maxInterval: intervals.max, meanInterval: intervals.mean, backend }];
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

function interrupted(run: RunSettings, finished: number, total?: number): RunInterruptedError {
  const count = total === undefined ? 'before its first cell' : `with ${finished} of ${total} cells finished`;
  return new RunInterruptedError(
    `The run was stopped ${count}; what is finished is kept in ${shownPath(run.out)}. Run the same again and it goes on from there.`,
  );
}

async function defaultPrepare(): Promise<PrepareRun> {
  // Loaded only here: a program that only reads a grid does not load TensorFlow.
  return (await import('./prepare.js')).prepareRun;
}
