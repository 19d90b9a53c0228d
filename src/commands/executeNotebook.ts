/** Executes the grid's notebook with executeNotebook.py, which is a real Jupyter client of the real kernel. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { packageRoot } from '../core/packageRoot.js';
import { interruptedCode } from './exitCodes.js';
import { jupyterEnvironment, jupyterRuntime, venvPython } from './jupyterEnvironment.js';

const executor = path.join(packageRoot, 'src', 'commands', 'executeNotebook.py');

/**
 * Executes `notebook` into the file `output`, and waits for the client through Ctrl-C too: the client saves what there is,
 * then ends. Progress goes to standard error.
 *
 * @param environment variables for the kernel
 * @returns the exit code: 0 done, 1 a cell or the kernel failed, 130 stopped
 * @throws ApolabError if something else killed the client.
 */
export async function executeNotebook(
  notebook: string,
  output: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  await mkdir(jupyterRuntime, { recursive: true });
  const client = spawn(venvPython, [executor, notebook, output], {
    env: { ...jupyterEnvironment(), ...environment },
    // Standard input stays open as long as this process lives; standard output is for the results alone.
    stdio: ['pipe', 'ignore', 'inherit'],
    // In its own process group the client gets Ctrl-C once, from here, and not from the terminal and npm as well.
    detached: process.platform !== 'win32',
  });
  const forwarded: NodeJS.Signals[] = [];
  const forward = (signal: NodeJS.Signals) => {
    forwarded.push(signal);
    client.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward).on('SIGHUP', forward);
  try {
    const [code, killedBy] = (await once(client, 'close')) as [number | null, string | null];
    if (code !== null) return code;
    if (forwarded.length > 0) return interruptedCode;
    throw new ApolabError(`The notebook's client was ended by ${killedBy}; the same command goes on from there.`);
  } finally {
    process.off('SIGINT', forward).off('SIGTERM', forward).off('SIGHUP', forward);
  }
}
