/** How much memory a process can still use on this machine. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What `availableMemory` reads: files of the system, and what Node knows. Tests replace it. */
export interface MemorySource {
  readonly platform: NodeJS.Platform;
  /** The text of a file; undefined if it does not exist or cannot be read. */
  read(file: string): string | undefined;
  /** All memory of the machine, in bytes. */
  total(): number;
  /** The memory that no process uses, in bytes. */
  free(): number;
}

const machine: MemorySource = {
  platform: process.platform,
  read: (file) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // Which of these files exist depends on the kernel, on the container, and on the version of control groups.
      return undefined;
    }
  },
  total: () => os.totalmem(),
  free: () => os.freemem(),
};

/**
 * The bytes that this process can still allocate without swapping: on Linux the smaller one of the kernel's estimate
 * (`MemAvailable`) and what each control group of the process still allows; page cache that can be dropped counts as free.
 * On macOS at least half of the memory: there, memory of caches does not count as free, and unused pages are compressed.
 *
 * @example
 * availableMemory() / 2 ** 30; // ... (GiB)
 */
export function availableMemory(source: MemorySource = machine): number {
  if (source.platform === 'darwin') return Math.max(source.free(), source.total() / 2);
  if (source.platform !== 'linux') return source.free();
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(source.read('/proc/meminfo') ?? '')?.[1];
  const ofMachine = kibibytes === undefined ? source.free() : 1024 * Number(kibibytes);
  return Math.max(0, Math.min(ofMachine, ...controlGroups(source).map((group) => remaining(group, source))));
}

/** The files of one version of control groups. `cache` is the field of memory.stat with the page cache that can be dropped. */
interface GroupFiles {
  readonly folder: string;
  readonly limit: string;
  readonly usage: string;
  readonly cache: string;
}

const versions = {
  v2: { root: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current', cache: 'inactive_file' },
  v1: {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    cache: 'total_inactive_file',
  },
} as const;

/** The control groups of this process with all their parents; in a container, their root is the container's own group. */
function controlGroups(source: MemorySource): GroupFiles[] {
  const lines = (source.read('/proc/self/cgroup') ?? '').trim().split('\n');
  return lines.flatMap((line) => {
    const [, number, controllers = '', group = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    const version =
      number === '0' && controllers === '' ? 'v2' : controllers.split(',').includes('memory') ? 'v1' : undefined;
    if (version === undefined) return [];
    const { root, ...files } = versions[version];
    const folders: string[] = [];
    for (let at = path.posix.normalize(`/${group}`); ; at = path.posix.dirname(at)) {
      folders.push(path.posix.join(root, at));
      if (at === '/') return folders.map((folder) => ({ folder, ...files }));
    }
  });
}

/** The bytes that a group still allows; Infinity if it has no limit. */
function remaining({ folder, limit, usage, cache }: GroupFiles, source: MemorySource): number {
  const number = (file: string) => Number.parseInt(source.read(path.posix.join(folder, file)) ?? '', 10);
  const most = number(limit);
  const used = number(usage);
  // `max` means no limit; a file is missing if the group is outside of the container.
  if (!Number.isFinite(most) || !Number.isFinite(used)) return Infinity;
  const stat = source.read(path.posix.join(folder, 'memory.stat')) ?? '';
  const droppable = Number(new RegExp(`^${cache} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  return most - (used - droppable);
}
