/**
 * The lock that allows one set-up at a time in a folder.
 *
 * The lock is a file with two process ids: this process and the installer that it started. It is stale once both have ended.
 * So a killed set-up does not block the next one, and the next one waits for an installer that is still running.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Takes the lock; waits while another running process holds it.
 *
 * @param {string} file
 * @param {(holder: number) => void} onWait called once, with the id of the process that holds the lock
 * @returns {Promise<{ add(pid: number): void, release(): void }>}
 */
export async function acquireLock(file, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  let reported = false;
  while (!tryCreate(file)) {
    const holder = runningHolder(file);
    if (holder === undefined) {
      removeStale(file);
      continue;
    }
    if (!reported) onWait(holder);
    reported = true;
    await sleep(300);
  }
  return {
    add: (pid) => writeFileSync(file, JSON.stringify([process.pid, pid])),
    release: () => rmSync(file, { force: true }),
  };
}

/** @param {string} file */
function tryCreate(file) {
  try {
    writeFileSync(file, JSON.stringify([process.pid]), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} a process of the lock that is still running
 */
function runningHolder(file) {
  return holders(file).find(isRunning);
}

/**
 * @param {string} file
 * @returns {number[]} the processes in the lock; none if the file is gone or half written
 */
function holders(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Renames a stale lock before deleting it: only one of two waiting processes can rename it. If the renamed file is a new lock
 * that was taken in between, it is put back.
 *
 * @param {string} file
 */
function removeStale(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (runningHolder(aside) === undefined) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process runs, but belongs to another user.
    return codeOf(error) === 'EPERM';
  }
}

/**
 * The code of a system error, such as 'ENOENT'; undefined for other errors.
 *
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
