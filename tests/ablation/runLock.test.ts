import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { withRunLock } from '../../src/ablation/run/runLock.js';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'apolab-lock-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const folder = path.join(scratch, 'run');

test('a second run in the same folder is refused while the first works, and not afterwards', async () => {
  await withRunLock(folder, async () => {
    const second = withRunLock(folder, () => Promise.resolve('trained twice'));
    await expect(second).rejects.toThrow(`Process ${process.pid} is training in ${folder} already.`);
    expect(existsSync(`${folder}.lock`)).toBe(true);
  });
  expect(existsSync(`${folder}.lock`)).toBe(false);
  expect(await withRunLock(folder, () => Promise.resolve('free'))).toBe('free');
});

test('a run that fails releases the folder', async () => {
  await expect(withRunLock(folder, () => Promise.reject(new Error('no space')))).rejects.toThrow('no space');
  expect(existsSync(`${folder}.lock`)).toBe(false);
});

test('the lock of a process that has ended is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  for (const left of [String(pid), '']) {
    writeFileSync(`${folder}.lock`, left);
    expect(await withRunLock(folder, () => Promise.resolve('taken'))).toBe('taken');
  }
});
