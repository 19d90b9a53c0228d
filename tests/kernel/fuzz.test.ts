import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { createLog } from '../../kernel/wire/log.js';
import { kernelName, testEnvironment } from './kernelProcess.js';

interface Report {
  readonly seconds: number;
  /** Resident megabytes after the warm-up, half-way, and at the end. */
  readonly memory: readonly number[];
  readonly logLines: number;
  readonly runsOfReplayed: number;
  readonly replayed: number;
}

describe('ten thousand frames of strangers and of broken clients, over all five sockets', () => {
  it('run nothing, leak nothing, do not flood the log, and leave every channel answering', async () => {
    const { env } = await testEnvironment();
    const script = path.join(import.meta.dirname, 'fuzz.py');
    const { stdout } = await promisify(execFile)(venvPython, [script, kernelName, '10000', '1000'], { env });
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ ran: '0', polluted: 'false', heartbeat: 'ping', alive: true, next: '42' });
    // Each signed cell was sent about ten times and ran at most once; if it came first on control or stdin, not at all.
    expect(report.runsOfReplayed).toBeGreaterThan(0);
    expect(report.runsOfReplayed).toBeLessThanOrEqual(report.replayed);
    // Between the two measurements about 90 frames of 5 MB pass: one in five kept would show. Without a leak it is 15 to 40 MB:
    // the compiler's cache of the odd cells, and freed memory that the allocator has not returned.
    expect(report.memory.at(-1)! - report.memory[0]!).toBeLessThan(90);
    // About 6,000 are dropped: twenty lines in ten seconds, and one that counts the others.
    expect(report.logLines).toBeLessThanOrEqual(21 * (Math.ceil(report.seconds / 10) + 2));
  }, 240_000);
});

describe('the log of the wire', () => {
  it('writes twenty lines in ten seconds, then how many more there were', () => {
    vi.useFakeTimers();
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line));
    for (let line = 0; line < 1000; line++) log(`line ${line}`);
    expect(lines).toEqual(Array.from({ length: 20 }, (_, line) => `line ${line}`));
    vi.advanceTimersByTime(10_000);
    expect(lines.slice(20)).toEqual(['980 more lines in 10 s, the last of them: line 999']);
    log('again');
    expect(lines.at(-1)).toBe('again');
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(22);
    vi.useRealTimers();
  });
});
