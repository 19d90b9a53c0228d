/** Dataset cards: what they state is true, and every dataset of this project has one. */
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/core/packageRoot.js';
import { frontMatter } from '../../../src/pairs/sources/frontMatter.js';
import { checkSums, readPairs, writeCard, writePairs } from '../../../src/preference.js';

const folder = await mkdtemp(path.join(tmpdir(), 'card-'));
afterAll(() => rm(folder, { recursive: true }));
const sha256 = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

describe('writeCard', () => {
  it('states origin, licence and seed, and the rows, columns and checksum of each file', async () => {
    const pairs = [1, 2, 3].map((number) => ({ prompt: `p${number}`, chosen: 'a', rejected: 'b', rationale: 'c' }));
    await writePairs(path.join(folder, 'train.parquet'), pairs);
    await writePairs(path.join(folder, 'test.jsonl'), pairs.slice(2));
    await writeFile(path.join(folder, 'notes.txt'), 'by hand');
    const files = await writeCard(folder, {
      title: 'Pears: a "set"',
      origin: 'Written for this test.',
      licence: 'cc0-1.0',
      seed: 7,
      languages: ['en'],
      limits: 'It is small.',
    });
    expect(files.map(({ path: name, rows }) => [name, rows])).toEqual([
      ['notes.txt', undefined],
      ['test.jsonl', 1],
      ['train.parquet', 3],
    ]);
    const card = await readFile(path.join(folder, 'README.md'), 'utf8');
    for (const { path: name, sha256: sum } of files) {
      expect(sum).toBe(await sha256(path.join(folder, name)));
      expect(card).toMatch(new RegExp(`\\| \`${name}\` \\|.*\`${sum}\` \\|`));
    }
    for (const line of [
      '# Pears: a "set"',
      '- **Origin**: Written for this test.',
      '- **Licence**: cc0-1.0',
      '- **Rows**: 4',
    ]) {
      expect(card.split('\n')).toContain(line);
    }
    expect(card).toContain('- **Columns**: `prompt`, `chosen`, `rejected`, `rationale`');
    expect(card).toContain('- **Seed**: 7');
    expect(frontMatter(card)).toMatchObject({ license: 'cc0-1.0', pretty_name: 'Pears: a "set"', language: ['en'] });
    // The reader finds the splits that the card lists.
    expect((await readPairs(folder)).pairs).toHaveLength(3);
    expect((await readPairs(folder, { split: 'test' })).pairs).toHaveLength(1);
  });

  it('writes checksums that detect every change', async () => {
    expect(await checkSums(folder)).toEqual([]);
    await appendFile(path.join(folder, 'notes.txt'), '!');
    await rm(path.join(folder, 'test.jsonl'));
    await writeFile(path.join(folder, 'new.txt'), '');
    expect(await checkSums(folder)).toEqual([
      'notes.txt does not match SHA256SUMS',
      'test.jsonl is listed but missing',
      'new.txt is not listed in SHA256SUMS',
    ]);
  });

  it('refuses a folder without data', async () => {
    await expect(
      writeCard(await mkdtemp(path.join(folder, 'bare-')), { title: '', origin: '', licence: '' }),
    ).rejects.toThrow('has no files to describe');
  });
});

const datasets = path.join(packageRoot, 'datasets');
const names = (await readdir(datasets, { withFileTypes: true })).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

describe.each(names)('datasets/%s', (name) => {
  const place = (file: string) => path.join(datasets, name, file);

  it('has a card with origin and licence', async () => {
    const card = await readFile(place('README.md'), 'utf8');
    expect(card).toMatch(/^\s*-? ?\*\*origin\*\*/im);
    expect(card).toMatch(/^\s*-? ?\*\*licence\*\*/im);
  });

  it('has correct checksums of its data', async () => {
    const lines = (await readFile(place('SHA256SUMS'), 'utf8')).trim().split('\n');
    const sums = new Map(
      lines.map((line) => line.split(/ [ *]/) as [string, string]).map(([sum, file]) => [file, sum]),
    );
    for (const [file, sum] of sums) expect(await sha256(place(file)), file).toBe(sum);
    const files = await readdir(path.join(datasets, name), { recursive: true });
    const data = files.filter((file) => /\.(jsonl|csv|parquet|safetensors)$/.test(file));
    for (const file of data)
      expect([...sums.keys()], 'what is data is listed').toContain(file.replaceAll(path.sep, '/'));
  });
});
