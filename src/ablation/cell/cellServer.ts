/**
 * The inside of a cell's process: receives jobs from its parent, trains them one by one, sends progress and results.
 *
 * A process that trains synchronously for minutes may never get to hear that its parent is gone, so a second thread
 * watches the parent and ends the process; no cell outlives its run.
 */
import { Worker } from 'node:worker_threads';

import type { CellProgress, CellResult, CellSettings, Evaluation } from './cell.js';
import type { TrainedCell } from './cellStore.js';

export interface CellJob {
  readonly settings: CellSettings;
  readonly base: Evaluation;
  /** Process that asked for the cell. */
  readonly parent: number;
}

export type CellMessage =
  | { readonly kind: 'progress'; readonly progress: CellProgress }
  | { readonly kind: 'trained'; readonly cell: TrainedCell };

export type TrainCell = (
  settings: CellSettings,
  base: Evaluation,
  onProgress: (progress: CellProgress) => void,
) => Promise<CellResult>;

const watchParent = `
  const { workerData: parent } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);
`;

/**
 * Serves jobs with `train`, on the backend that `backend` names, until the parent hangs up. An error goes to stderr with its
 * stack and ends the process, exit code 1: the next cell gets a fresh one.
 */
export function serveCells(train: TrainCell, backend: () => Promise<string>): void {
  let watched = false;
  process.once('disconnect', () => process.exit(0));
  process.on('message', (job: CellJob) => {
    if (!watched) new Worker(watchParent, { eval: true, workerData: job.parent }).unref();
    watched = true;
    const work = async () => {
      const result = await train(job.settings, job.base, (progress) => send({ kind: 'progress', progress }));
      send({ kind: 'trained', cell: { result, backend: await backend() } });
    };
    work().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  });
}

function send(message: CellMessage): void {
  process.send?.(message);
}
