/** The processes that this one has started. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process of the machine. */
interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** A process that was started detached has a session of its own. */
  readonly session: number;
}

/**
 * The process ids of all processes below this one, parents first; without those that were started detached, which are meant to
 * outlive it. Empty on Windows.
 */
export function descendants(pid = process.pid): number[] {
  const all = listProcesses();
  const session = all.find((each) => each.pid === pid)?.session;
  const found = [pid];
  for (const parent of found) {
    found.push(...all.filter((each) => each.parent === parent && each.session === session).map((each) => each.pid));
  }
  return found.slice(1);
}

function listProcesses(): ProcessEntry[] {
  if (process.platform === 'linux') return linuxProcesses();
  if (process.platform === 'win32') return [];
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,sess='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, session = 0]) => ({ pid, parent, session }));
}

function linuxProcesses(): ProcessEntry[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    const status = statusOf(id);
    if (status === undefined) return [];
    // The name in brackets may contain spaces and brackets; state, parent, group and session follow the last one.
    const [, parent, , session] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(id), parent: Number(parent), session: Number(session) }];
  });
}

/** `undefined` if the process has ended meanwhile. */
function statusOf(id: string): string | undefined {
  try {
    return readFileSync(`/proc/${id}/stat`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/** Sends a signal to processes; those that have ended meanwhile are left out. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}
