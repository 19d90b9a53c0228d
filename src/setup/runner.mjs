/**
 * Runs the installers: one line per step on stderr, their whole output in the log.
 *
 * An installer writes to the log file itself and not through a pipe, so its output is kept even if this process is killed.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { explain, SetupError } from './explain.mjs';
import { dataFolder, root } from './paths.mjs';

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ log: string, env?: NodeJS.ProcessEnv, shell?: boolean, onStart?: (pid: number) => void }} options
 * @returns {Promise<void>} rejects with a SetupError that says what went wrong and how to fix it
 */
export async function runLogged(command, args, options) {
  const before = statSync(options.log).size;
  const log = openSync(options.log, 'a');
  const child = spawn(command, args, {
    cwd: root,
    env: options.env ?? process.env,
    shell: options.shell ?? false,
    stdio: ['ignore', log, log],
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let interrupted = false;
  const onSignal = () => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    if (child.pid !== undefined) options.onStart?.(child.pid);
    /** @type {string | number} */
    const end = await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? code ?? 'no exit code'));
    });
    if (interrupted) throw new Interrupted();
    if (end === 0) return;
    const output = readFileSync(options.log).subarray(before).toString();
    throw new SetupError(explain(`${output}\n${typeof end === 'string' ? end : ''}`, freeBytes()));
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    closeSync(log);
  }
}

/** Ctrl-C or another signal to stop arrived while an installer ran. */
export class Interrupted extends SetupError {
  constructor() {
    super('Interrupted. Run the command again to continue; the step that was interrupted starts again.');
  }
}

/** @returns {number} bytes on the disk of what set-up makes that this user may still write */
export function freeBytes() {
  const disk = statfsSync(existsSync(dataFolder) ? dataFolder : root);
  return disk.bavail * disk.bsize;
}

/**
 * Empties the log, and makes its folder.
 *
 * @param {string} file
 */
export function startLog(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
}
