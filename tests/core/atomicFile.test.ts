import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newPartFile, openAtomic, writeAtomic } from '../../src/core/atomicFile.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'atomic-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The id of a process that no longer runs. */
const ended = spawnSync(process.execPath, ['-e', '']).pid;

describe('an atomic file', () => {
  it('changes its target only when it is closed', async () => {
    const file = path.join(folder, 'new', 'closed.txt');
    await writeAtomic(file, 'old');
    const opened = await openAtomic(file);
    await opened.write('new ');
    await opened.write(Buffer.from('content'));
    expect(readFileSync(file, 'utf8')).toBe('old');
    await opened.close();
    expect(readFileSync(file, 'utf8')).toBe('new content');
    expect(readdirSync(path.dirname(file))).toEqual(['closed.txt']);
  });

  it('leaves the old content and no part file after abort', async () => {
    const file = path.join(folder, 'aborted', 'a.txt');
    await writeAtomic(file, 'old');
    const opened = await openAtomic(file);
    await opened.write('new');
    await opened.abort();
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(path.dirname(file))).toEqual(['a.txt']);
  });
});

describe('writeAtomic', () => {
  it('writes an iterable piece by piece, and nothing if the iterable fails', async () => {
    const file = path.join(folder, 'iterable', 'a.bin');
    async function* pieces(fails: boolean) {
      yield await Promise.resolve(new Uint8Array([1, 2]));
      if (fails) throw new Error('no more pieces');
      yield new Uint8Array([3]);
    }
    await writeAtomic(file, pieces(false));
    await expect(writeAtomic(file, pieces(true))).rejects.toThrow('no more pieces');
    expect([...readFileSync(file)]).toEqual([1, 2, 3]);
    expect(readdirSync(path.dirname(file))).toEqual(['a.bin']);
  });

  it('deletes the parts that killed processes left of the same file, and no others', async () => {
    const file = path.join(folder, 'killed', 'a.txt');
    await writeAtomic(file, 'old');
    const others = [`a.txt.${process.pid}-0.part`, `b.txt.${ended}-1.part`, 'a.txt.bak'];
    for (const name of [`a.txt.${ended}-1.part`, ...others]) writeFileSync(path.join(path.dirname(file), name), '');
    await writeAtomic(file, 'new');
    expect(readdirSync(path.dirname(file)).sort()).toEqual(['a.txt', ...others].sort());
  });
});

it('newPartFile never returns the same path twice', async () => {
  const file = path.join(folder, 'twice', 'a.txt');
  expect(await newPartFile(file)).not.toBe(await newPartFile(file));
});
