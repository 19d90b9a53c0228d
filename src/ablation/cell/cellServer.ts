/**
 * The inside of a cell's process: receives jobs from its parent, trains them one by one, sends progress and results.
 *
 * A process that trains synchronously for minutes does not get the event that its parent has ended. So a second thread checks
 * the parent and ends the process: no cell outlives its run.
 */
import { Worker } from 'node:worker_threads';

import type { CellProgress, CellResult, CellSettings, PolicyScore } from './cell.js';
import type { TrainedCell } from './cellStore.js';

/** What the parent sends: one cell to train. */
export interface CellJob {
  readonly settings: CellSettings;
  readonly base: PolicyScore;
  /** Process id of the parent. */
  readonly parent: number;
}

/** What the process sends back. */
export type CellMessage =
  | { readonly kind: 'progress'; readonly progress: CellProgress }
  | { readonly kind: 'trained'; readonly cell: TrainedCell };

/** Trains one cell, as `trainCell` does. */
export type TrainCell = (
  settings: CellSettings,
  base: PolicyScore,
  onProgress: (progress: CellProgress) => void,
) => Promise<CellResult>;

const watchParent = `
  const { workerData: parent } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);
`;

/**
 * Trains jobs with `train` until the parent disconnects; `backend` gives the name of the tensor backend. An error is written
 * to stderr with its stack and ends the process with exit code 1: the next cell gets a new process.
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
