/** Pairs are read back as they were written, through all formats, with any texts and columns. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convertPairs, readPairs, streamPairs, writePairs } from '../../../src/preference.js';
import { drawPairs } from './pairsOfAnyKind.js';

const folder = await mkdtemp(path.join(tmpdir(), 'round-trip-'));
afterAll(() => rm(folder, { recursive: true }));
const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('a round trip', () => {
  it.each(seeds)('JSONL, Parquet, CSV, JSONL gives the same pairs and the same bytes (seed %i)', async (seed) => {
    const pairs = drawPairs(seed, 60);
    const files = ['a.jsonl', 'b.parquet', 'c.jsonl', 'd.csv', 'e.tsv', 'f', 'g.jsonl'].map((name) =>
      path.join(folder, `${seed}`, name),
    );
    await writePairs(files[0]!, pairs);
    for (const [index, file] of files.entries()) {
      if (index > 0) {
        const counts = await convertPairs(files[index - 1]!, file);
        expect(counts, file).toEqual({ rows: pairs.length, pairs: pairs.length, skipped: 0, duplicates: 0 });
      }
      expect(await readPairs(file), file).toEqual({ pairs, skipped: [] });
    }
    // A table has a fixed order of columns, so the bytes are equal from the first table on.
    expect(await readFile(files.at(-1)!, 'utf8')).toBe(await readFile(files[2]!, 'utf8'));
    expect((await readdir(path.join(folder, `${seed}`))).sort()).toEqual(
      files.map((file) => path.basename(file)).sort(),
    );
  });
});

// Only Linux lists the open files of a process.
it.skipIf(process.platform !== 'linux')('a reader that stops early leaves no file open', async () => {
  const names = ['early.jsonl', 'early.csv', 'early.parquet', 'early'].map((name) => path.join(folder, name));
  const open = async () => (await readdir('/proc/self/fd')).length;
  for (const name of names) await writePairs(name, drawPairs(1, 500));
  const before = await open();
  for (let time = 0; time < 20; time += 1) {
    for (const name of names) {
      for await (const row of streamPairs(name)) {
        expect(row.kind).toBe('pair');
        break;
      }
    }
  }
  expect(await open()).toBeLessThan(before + 10);
});
