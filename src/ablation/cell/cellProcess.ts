/** Cells trained in processes of their own, so that they use every core and one that dies takes nothing with it. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

import { ApolabError } from '../../core/errors.js';
import { packageRoot } from '../../core/packageRoot.js';
import type { CellProgress, CellSettings, Evaluation } from './cell.js';
import type { CellJob, CellMessage } from './cellServer.js';
import type { TrainedCell } from './cellStore.js';

/** The compiled entry: a process can't run the TypeScript that tests import. */
export const cellProcess = path.join(packageRoot, 'dist', 'src', 'ablation', 'cell', 'cellEntry.js');

const keptOutput = 8000;

export interface CellProcessOptions {
  /** Module that serves the jobs. */
  readonly entry: string;
  /** Threads that TensorFlow may use in it: the cells that run beside it have the others. */
  readonly threads: number;
  /** Ends the process at once. */
  readonly signal: AbortSignal;
}

/** One process that trains cells one after the other; it starts with the first, and anew after one that ended it. */
export class CellProcess {
  private child: ChildProcess | undefined;
  private output = '';

  constructor(private readonly options: CellProcessOptions) {}

  /**
   * Trains one cell.
   *
   * @throws ApolabError with the end of what the process wrote, where it ended without a result.
   */
  run(settings: CellSettings, base: Evaluation, onProgress: (progress: CellProgress) => void): Promise<TrainedCell> {
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

  /** Lets the process end, once no more cells come. */
  end(): void {
    if (this.child?.connected === true) this.child.disconnect();
    this.child = undefined;
  }

  private start(): ChildProcess {
    const { entry, threads } = this.options;
    // execArgv: a kernel's own flags are not for its children. detached: Jupyter and terminals send an interrupt to the whole
    // process group, but stopping cells is this process's to do, else a stopped cell would look like a failed one.
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
  // Whoever deletes node_modules during a run would otherwise read the loader's stack once a cell.
  const [, missing] = /^Error \[ERR_MODULE_NOT_FOUND\]: (.*)$/m.exec(output) ?? [];
  return missing === undefined
    ? `Its process ended with ${end}:\n${output}`
    : `A file of the installation is gone (${missing}). Run the command again: it sets up what is missing.`;
}
