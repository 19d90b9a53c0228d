/** Available memory from the files of Linux, as text. */
import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { availableMemory, type MemorySource } from '../../src/core/availableMemory.js';

const gibibyte = 2 ** 30;
const machine = (files: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux'): MemorySource => ({
  platform,
  read: (file) => files[file],
  total: () => 16 * gibibyte,
  free: () => gibibyte,
});
const meminfo = { '/proc/meminfo': 'MemTotal:       16777216 kB\nMemFree: 1048576 kB\nMemAvailable:    8388608 kB\n' };

describe('available memory', () => {
  test('is what the kernel says if no control group limits it', () => {
    expect(availableMemory(machine(meminfo))).toBe(8 * gibibyte);
    const unlimited = {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': 'max\n',
      '/sys/fs/cgroup/memory.current': '1\n',
    };
    expect(availableMemory(machine({ ...meminfo, ...unlimited }))).toBe(8 * gibibyte);
  });

  test('is the free memory if the kernel says nothing', () => {
    expect(availableMemory(machine({}))).toBe(gibibyte);
  });

  test('is at most what a parent group of version 2 still allows; its page cache counts as free', () => {
    const files = {
      ...meminfo,
      '/proc/self/cgroup': '0::/user/job\n',
      '/sys/fs/cgroup/user/job/memory.max': 'max\n',
      '/sys/fs/cgroup/user/job/memory.current': '100\n',
      '/sys/fs/cgroup/user/memory.max': `${4 * gibibyte}\n`,
      '/sys/fs/cgroup/user/memory.current': `${3 * gibibyte}\n`,
      '/sys/fs/cgroup/user/memory.stat': `anon 5\nfile 9\ninactive_file ${gibibyte}\n`,
    };
    expect(availableMemory(machine(files))).toBe(2 * gibibyte);
  });

  test('is at most what a group of version 1 allows, in a container as the root of its own files', () => {
    const files = {
      ...meminfo,
      '/proc/self/cgroup': '5:cpu,cpuacct:/docker/a1\n4:memory:/docker/a1\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${gibibyte}\n`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${gibibyte / 2}\n`,
      '/sys/fs/cgroup/memory/memory.stat': 'cache 1\ntotal_inactive_file 1000\n',
    };
    expect(availableMemory(machine(files))).toBe(gibibyte / 2 + 1000);
  });

  test('is never negative', () => {
    const files = {
      ...meminfo,
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': '10\n',
      '/sys/fs/cgroup/memory.current': '20\n',
    };
    expect(availableMemory(machine(files))).toBe(0);
  });

  test('is at least half of the memory on macOS, and the free memory elsewhere', () => {
    expect(availableMemory(machine(meminfo, 'darwin'))).toBe(8 * gibibyte);
    expect(availableMemory(machine(meminfo, 'win32'))).toBe(gibibyte);
  });

  test('is above zero and at most all memory on this machine', () => {
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(os.totalmem());
  });
});
