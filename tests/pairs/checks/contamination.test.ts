/** Test prompts that occur in a training set, compared with a slow search that keeps all texts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contamination, writePairs, type PreferencePair } from '../../../src/preference.js';
import { createRandom } from '../../../src/core/random.js';

const folder = await mkdtemp(path.join(tmpdir(), 'contamination-'));
afterAll(() => rm(folder, { recursive: true }));

const pair = (prompt: string, chosen = 'yes', rejected = 'no'): PreferencePair => ({ prompt, chosen, rejected });
const long = 'the quick brown fox jumps over the lazy dog while the cat sleeps on a warm mat all day long';

describe('contamination', () => {
  it('finds the same prompt with other case, punctuation and spaces', async () => {
    const { contaminated, testPrompts, trainPairs } = await contamination(
      [pair('Why?'), pair('how  is\nthe CAFÉ')],
      ['how', 'How is the cafe\u0301 ?!', 'why', 'why not'],
    );
    expect({ testPrompts, trainPairs }).toEqual({ testPrompts: 4, trainPairs: 2 });
    expect(contaminated).toEqual([
      { row: 2, kind: 'exact', share: 1, trainRow: 2 },
      { row: 3, kind: 'exact', share: 1, trainRow: 1 },
    ]);
  });

  it('finds test prompts in unpaired rows, alone and among pairs', async () => {
    const examples = [
      { prompt: 'Why?', completion: 'so', label: true },
      { prompt: 'x', completion: `Well: ${long}.`, label: false },
    ];
    const expected = [
      { row: 1, kind: 'exact', share: 1, trainRow: 1 },
      { row: 2, kind: 'near', share: 1, trainRow: 2 },
    ];
    const { contaminated, ...counts } = await contamination(examples, ['why', long, 'how']);
    expect(contaminated).toEqual(expected);
    expect(counts).toEqual({ testPrompts: 3, trainPairs: 0, trainUnpaired: 2 });
    const file = path.join(folder, 'mixed.jsonl');
    const rows = [...examples, { prompt: 'no ?' }, pair('how')];
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    expect(await contamination(file, ['why', long, 'how'])).toEqual({
      testPrompts: 3,
      trainPairs: 1,
      trainUnpaired: 2,
      contaminated: [...expected, { row: 3, kind: 'exact', share: 1, trainRow: 4 }],
    });
  });

  it('finds a prompt inside a training prompt or response, but not a very short one', async () => {
    const train = [pair('x', `Well: ${long}.`), pair('one two three four five six'), pair('is it so ?')];
    const { contaminated } = await contamination(train, [
      long,
      'two three four five six',
      'is it',
      'two three four five',
    ]);
    expect(contaminated).toEqual([
      { row: 1, kind: 'near', share: 1, trainRow: 1 },
      { row: 2, kind: 'near', share: 1, trainRow: 2 },
    ]);
  });

  it('agrees with a search that keeps all n-grams, over 300 prompts and 500 pairs', async () => {
    const random = createRandom(4, 'contamination');
    const words = Array.from({ length: 30 }, (_, index) => `w${index}`);
    const draw = (count: number) => Array.from({ length: count }, () => random.pick(words));
    const phrases = Array.from({ length: 40 }, () => draw(20));
    const text = () =>
      [
        ...draw(random.integer(6)),
        ...(random.chance(0.5) ? random.pick(phrases).slice(0, 3 + random.integer(17)) : []),
        ...draw(random.integer(12)),
      ].join(' ');
    const train = Array.from({ length: 500 }, () => pair(text(), text(), text()));
    const test = Array.from({ length: 300 }, text);
    const size = 6;
    const grams = (of: string, length: number) => {
      const list = of.split(' ').filter((word) => word !== '');
      return list.length < length
        ? []
        : list.slice(0, list.length - length + 1).map((_, at) => list.slice(at, at + length).join(' '));
    };
    const trainGrams = new Map(
      [5, 6].map((length) => [
        length,
        new Set(train.flatMap((one) => [one.prompt, one.chosen, one.rejected].flatMap((part) => grams(part, length)))),
      ]),
    );
    const expected = test.flatMap((prompt, index) => {
      if (train.some((one) => one.prompt === prompt)) return [[index + 1, 1]];
      const count = prompt.split(' ').filter((word) => word !== '').length;
      if (count < 5) return [];
      const length = Math.min(size, count);
      const own = [...new Set(grams(prompt, length))];
      const share = own.filter((gram) => trainGrams.get(length)!.has(gram)).length / own.length;
      return share >= 0.3 ? [[index + 1, share]] : [];
    });
    const { contaminated } = await contamination(train, test, { words: size, threshold: 0.3 });
    expect(contaminated.map(({ row, share }) => [row, share])).toEqual(expected);
    expect(expected.length).toBeGreaterThan(30);
    expect(expected.length).toBeLessThan(290);
  });

  it('reads both sets from files, of prompts or of pairs', async () => {
    const [train, test, prompts] = ['train.parquet', 'test.csv', 'prompts.txt'].map((name) => path.join(folder, name));
    await writePairs(train!, [pair('one'), pair('two')]);
    await writePairs(test!, [pair('zero'), pair('two')]);
    await writeFile(prompts!, 'one\nthree\n');
    // The header of CSV is its first row.
    expect((await contamination(train!, test!)).contaminated).toMatchObject([{ row: 3, trainRow: 2 }]);
    expect((await contamination(train!, prompts!)).contaminated).toMatchObject([{ row: 1, trainRow: 1 }]);
  });
});
