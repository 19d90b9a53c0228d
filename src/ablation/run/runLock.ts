/** One run at a time in a folder: two would train the same cells twice. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolabError } from '../../core/errors.js';

/** Milliseconds to wait for the lock's process to end, before the lock counts as held. */
const patience = 30_000;

/**
 * Does `work` while `<folder>.lock` holds this process's id. The lock is beside the folder, because a run may move the folder
 * aside. A lock whose process has ended is taken over.
 *
 * @throws ApolabError if a running process holds the lock
 */
export async function withRunLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = `${folder}.lock`;
  mkdirSync(path.dirname(file), { recursive: true });
  while (!created(file)) {
    const holder = Number(readFileSync(file, 'utf8'));
    if (await staysRunning(holder)) {
      throw new ApolabError(
        `Process ${holder} is training in ${folder} already. Wait until it has finished, stop it, or choose another folder (--out DIR).`,
      );
    }
    rmSync(file, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function created(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the process is still running after a wait: a kernel whose client was killed takes some seconds to end. */
async function staysRunning(pid: number): Promise<boolean> {
  const deadline = Date.now() + (pid === process.pid ? 0 : patience);
  while (isRunning(pid)) {
    if (Date.now() >= deadline) return true;
    await sleep(250);
  }
  return false;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
