/** A cell trained in a process of its own, so that cells use every core and one that dies takes nothing with it. */
import { fork } from 'node:child_process';
import path from 'node:path';

import { ApolabError } from '../errors.js';
import { packageRoot } from '../packageRoot.js';
import type { CellProgress, CellSettings, Evaluation } from './cell.js';
import type { CellJob, CellMessage } from './cellServer.js';
import type { TrainedCell } from './cellStore.js';

/** The compiled entry: a process can't run the TypeScript that tests import. */
export const cellProcess = path.join(packageRoot, 'dist', 'src', 'ablation', 'cellProcess.js');

const keptOutput = 8000;

export interface CellProcessOptions {
  /** Module that serves the job. */
  readonly entry: string;
  /** Threads that TensorFlow may use in it: the cells that run beside it have the others. */
  readonly threads: number;
  /** Ends the process at once. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CellProgress) => void;
}

/**
 * Trains one cell in a child process.
 *
 * @throws ApolabError with the end of what the process wrote, where it ended without a result.
 */
export function runCell(settings: CellSettings, base: Evaluation, options: CellProcessOptions): Promise<TrainedCell> {
  const { entry, threads, signal, onProgress } = options;
  return new Promise((resolve, reject) => {
    // execArgv: a kernel's own flags are not for its children. detached: Jupyter and terminals send an interrupt to the whole
    // process group, but stopping cells is this process's to do, else a stopped cell would look like a failed one.
    const child = fork(entry, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) },
      detached: process.platform !== 'win32',
    });
    const stop = () => child.kill('SIGKILL');
    let output = '';
    let trained: TrainedCell | undefined;
    const keep = (text: Buffer) => (output = (output + text.toString()).slice(-keptOutput));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message: CellMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else trained = message.cell;
    });
    child.on('error', reject);
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (trained !== undefined) resolve(trained);
      else if (signal.aborted) reject(new ApolabError('The cell was stopped.'));
      else reject(new ApolabError(whyItEnded(killedBy ?? `exit code ${code}`, output.trim())));
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    else child.send({ settings, base, parent: process.pid } satisfies CellJob);
  });
}

function whyItEnded(end: string, output: string): string {
  // Whoever deletes node_modules during a run would otherwise read the loader's stack once a cell.
  const [, missing] = /^Error \[ERR_MODULE_NOT_FOUND\]: (.*)$/m.exec(output) ?? [];
  return missing === undefined
    ? `Its process ended with ${end}:\n${output}`
    : `A file of the installation is gone (${missing}). Run the command again: it sets up what is missing.`;
}
