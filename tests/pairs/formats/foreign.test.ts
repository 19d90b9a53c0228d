/** Files that Python wrote: the paper's columns by `datasets`, Parquet of every codec by pyarrow, CSV and JSONL. */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { readPairs, readPrompts, writePairs, type PreferencePair } from '../../../src/preference.js';
import { goldenFolder, readGolden } from '../../golden/read.js';

interface Golden {
  readonly rows: readonly {
    readonly prompt: string;
    readonly chosen: string;
    readonly rejected: string;
    readonly rational: string | null;
  }[];
  readonly scores: { readonly chosen: number; readonly rejected: number };
  readonly extras: readonly Readonly<Record<string, unknown>>[];
}

const golden = readGolden<Golden>('pair-files.json');
const file = (name: string) => path.join(goldenFolder, 'pair-files', name);
const folder = await mkdtemp(path.join(tmpdir(), 'foreign-'));
afterAll(() => rm(folder, { recursive: true }));

const plain = golden.rows.map(({ rational, ...pair }): PreferencePair => ({
  ...pair,
  ...(rational === null ? {} : { rationale: rational }),
}));
const conversational = plain.map((pair): PreferencePair => ({
  ...pair,
  conversation: [{ role: 'user', content: pair.prompt }],
}));
/** The other columns: a null counts as missing, and the id is too large for an exact number. */
const columns = golden.extras.map(({ id, ...extras }) => ({
  id: BigInt(id as string),
  ...Object.fromEntries(Object.entries(extras).filter(([, value]) => value !== null)),
}));

describe('Parquet that Python wrote', () => {
  it("has the paper's columns, with its rationale under either name", async () => {
    expect(await readPairs(file('paper.parquet'))).toEqual({ pairs: conversational, skipped: [] });
  });

  it.each(['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'])('is read with its other columns (%s)', async (codec) => {
    const { pairs, skipped } = await readPairs(file(`${codec}.parquet`));
    expect(skipped).toEqual([]);
    expect(pairs).toEqual(conversational.map((pair, row) => ({ ...pair, columns: columns[row] })));
    // The same pairs are converted through all formats.
    for (const name of ['again.parquet', 'again.csv', 'again.jsonl']) {
      await writePairs(path.join(folder, name), pairs);
      expect((await readPairs(path.join(folder, name))).pairs, name).toEqual(pairs);
    }
  });

  it('gives its prompts too, from a file of any name', async () => {
    const nameless = path.join(folder, 'nameless');
    await writeFile(nameless, await readFile(file('zstd.parquet')));
    const { prompts, skipped } = await readPrompts(nameless);
    expect(prompts).toEqual(plain.map(({ prompt }) => prompt));
    expect(skipped).toEqual([]);
    expect((await readPairs(nameless)).pairs).toHaveLength(plain.length);
  });

  it('reports that a file is damaged, for any cut', async () => {
    const bytes = await readFile(file('snappy.parquet'));
    for (const length of [4, 100, bytes.length - 200, bytes.length - 1]) {
      const cut = path.join(folder, 'cut.parquet');
      await writeFile(cut, bytes);
      await truncate(cut, length);
      await expect(readPairs(cut)).rejects.toThrow(ApolabError);
      await expect(readPairs(cut)).rejects.toThrow(`${cut} is not a complete Parquet file`);
    }
    const noise = path.join(folder, 'noise.parquet');
    await writeFile(noise, Buffer.from(bytes).fill(0x55, 4, bytes.length >> 1));
    await expect(readPairs(noise)).rejects.toThrow(ApolabError);
  });
});

describe('CSV and JSONL that Python wrote', () => {
  it.each(['plain.csv', 'plain.jsonl'])('%s', async (name) => {
    const { pairs, skipped } = await readPairs(file(name));
    expect(skipped).toEqual([]);
    expect(pairs).toEqual(plain.map((pair) => ({ ...pair, scores: golden.scores })));
  });
});
