/** The process that trains cells. Each has its own memory and cores, and a cell that crashes does not end the run. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

import { ApolabError } from '../../core/errors.js';
import { packageRoot } from '../../core/packageRoot.js';
import type { CellProgress, CellSettings, PolicyScore } from './cell.js';
import type { CellTrainer } from './cellHere.js';
import type { CellJob, CellMessage } from './cellServer.js';
import type { TrainedCell } from './cellStore.js';

/** Path of the compiled cellEntry.ts: a new process cannot run the TypeScript that tests import. */
export const cellEntry = path.join(packageRoot, 'dist', 'src', 'ablation', 'cell', 'cellEntry.js');

/** Characters of the process's output that are kept for an error message. */
const keptOutput = 8000;

/** How a cell's process is started. */
export interface CellProcessOptions {
  /** Path of the module that serves the jobs. */
  readonly entry: string;
  /** Threads that TensorFlow may use in it; the other cores are for the cells that run at the same time. */
  readonly threads: number;
  /** Kills the process at once. */
  readonly signal: AbortSignal;
}

/** A process that trains cells one after another. It starts with the first cell, and again after a cell that ended it. */
export class CellProcess implements CellTrainer {
  private child: ChildProcess | undefined;
  private output = '';

  constructor(private readonly options: CellProcessOptions) {}

  /**
   * Trains one cell.
   *
   * @throws ApolabError with the last lines of the process's output, if it ends without a result
   */
  run(settings: CellSettings, base: PolicyScore, onProgress: (progress: CellProgress) => void): Promise<TrainedCell> {
    const { signal } = this.options;
    return new Promise((resolve, reject) => {
      const child = (this.child ??= this.start());
      const stop = () => child.kill('SIGKILL');
      const settle = (finish: () => void) => {
        signal.removeEventListener('abort', stop);
        child.removeAllListeners();
        finish();
      };
      child.on('message', (message: CellMessage) => {
        if (message.kind === 'progress') onProgress(message.progress);
        else settle(() => resolve(message.cell));
      });
      child.on('error', (error) => settle(() => reject(error)));
      child.once('close', (code, killedBy) => {
        this.child = undefined;
        const reason = signal.aborted
          ? 'The cell was stopped.'
          : whyItEnded(killedBy ?? `exit code ${code}`, this.output.trim());
        settle(() => reject(new ApolabError(reason)));
      });
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      else child.send({ settings, base, parent: process.pid } satisfies CellJob);
    });
  }

  /** Lets the process end: no more cells will be sent. */
  end(): void {
    if (this.child?.connected === true) this.child.disconnect();
    this.child = undefined;
  }

  private start(): ChildProcess {
    const { entry, threads } = this.options;
    // execArgv: the flags of a kernel's process are not for its children. detached: Jupyter and terminals interrupt the whole
    // process group, but only this process may stop its cells; a cell that an interrupt ended would count as failed.
    const child = fork(entry, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) },
      detached: process.platform !== 'win32',
    });
    this.output = '';
    const keep = (text: Buffer) => (this.output = (this.output + text.toString()).slice(-keptOutput));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    return child;
  }
}

function whyItEnded(end: string, output: string): string {
  // If node_modules is deleted during a run, one sentence per cell is enough; the module loader's stack is not helpful.
  const [, missing] = /^Error \[ERR_MODULE_NOT_FOUND\]: (.*)$/m.exec(output) ?? [];
  return missing === undefined
    ? `Its process ended with ${end}:\n${output}`
    : `A file of the installation is gone (${missing}). Run the command again: it sets up what is missing.`;
}
