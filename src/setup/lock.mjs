/**
 * One set-up at a time in a folder.
 *
 * The lock is a file with the process ids at work: this one, and the installer that it started. A lock is stale once
 * all of them are gone, so a killed set-up neither blocks the next one nor lets it start beside an installer that
 * outlived its parent.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Takes the lock; waits while another living process holds it.
 *
 * @param {string} file
 * @param {(holder: number) => void} onWait called once, with the process waited for
 * @returns {Promise<{ add(pid: number): void, release(): void }>}
 */
export async function acquireLock(file, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryCreate(file)) {
    const holder = livingHolder(file);
    if (holder === undefined) {
      removeStale(file);
      continue;
    }
    if (!told) onWait(holder);
    told = true;
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
 * @returns {number | undefined} a process of the lock that is alive
 */
function livingHolder(file) {
  return holders(file).find(isAlive);
}

/**
 * @param {string} file
 * @returns {number[]} the processes that the lock names; none where it is gone or its writer died writing it
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
 * Moves a stale lock away before deleting it: of two waiters only one can move it, and if what was moved turns out to be
 * a fresh lock taken in between, it goes back.
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
  if (livingHolder(aside) === undefined) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return codeOf(error) === 'EPERM';
  }
}

/**
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
