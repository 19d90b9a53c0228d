/**
 * The inside of a cell's process: receives one job from its parent, trains it, sends progress and the result, and ends.
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

/** Serves one job with `train`, on the backend that `backend` names. An error goes to stderr with its stack, exit code 1. */
export function serveCell(train: TrainCell, backend: () => Promise<string>): void {
  process.once('disconnect', () => process.exit(1));
  process.once('message', (job: CellJob) => {
    new Worker(watchParent, { eval: true, workerData: job.parent }).unref();
    const work = async () => {
      const result = await train(job.settings, job.base, (progress) => send({ kind: 'progress', progress }));
      send({ kind: 'trained', cell: { result, backend: await backend() } }, () => process.exit(0));
    };
    work().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  });
}

function send(message: CellMessage, sent: () => void = () => undefined): void {
  process.send?.(message, sent);
}
