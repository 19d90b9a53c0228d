/** Writing and converting: complete files or none, columns that appear late, forms, and skipped rows. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import {
  convertPairs,
  deduplicatePairs,
  pairWriter,
  readPairs,
  writePairs,
  type PreferencePair,
} from '../../../src/preference.js';

const folder = await mkdtemp(path.join(tmpdir(), 'write-'));
afterAll(() => rm(folder, { recursive: true }));
let place: string;
beforeEach(async () => {
  place = await mkdtemp(path.join(folder, 'case-'));
});
const at = (name: string) => path.join(place, name);

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const pair = (number: number, more: Partial<PreferencePair> = {}): PreferencePair => ({
  prompt: `question ${number}`,
  chosen: ` yes ${number}`,
  rejected: ` no ${number}`,
  ...more,
});
const endings = ['jsonl', 'csv', 'parquet'] as const;

describe('writing', () => {
  it.each(endings)('accepts columns and types that appear after thousands of rows (%s)', async (ending) => {
    // The columns widen after one group of rows, and then again.
    const pairs = Array.from({ length: 30_000 }, (_, number) =>
      pair(number, {
        ...(number < 9_000 ? {} : { rationale: `because of ${number}` }),
        columns: {
          always: number < 20_000 ? number : number / 2,
          ...(number < 12_000 ? {} : { late: [`l${number}`] }),
          ...(number === 29_999 ? { last: true, always: 'a text at last' } : {}),
        },
      }),
    );
    const file = at(`late.${ending}`);
    await writePairs(file, pairs);
    const read = await readPairs(file);
    expect(read.skipped).toEqual([]);
    // One by one: a difference among 30,000 pairs would take minutes to print.
    expect(read.pairs.length).toBe(pairs.length);
    expect(read.pairs.findIndex((found, number) => JSON.stringify(found) !== JSON.stringify(pairs[number]))).toBe(-1);
    expect(await readdir(place)).toEqual([`late.${ending}`]);
  });

  it.each(endings)('leaves the old file, and no temporary file, if it fails or is aborted (%s)', async (ending) => {
    const file = at(`kept.${ending}`);
    await writePairs(file, [pair(0)]);
    const failing = async function* () {
      for (let number = 0; number < 20_000; number += 1) yield pair(number);
      await Promise.resolve();
      throw new RangeError('the builder broke');
    };
    await expect(writePairs(file, failing())).rejects.toThrow('the builder broke');
    const writer = await pairWriter(file);
    for (let number = 0; number < 20_000; number += 1) await writer.write(pair(number));
    await writer.abort();
    expect((await readPairs(file)).pairs).toEqual([pair(0)]);
    expect(await readdir(place)).toEqual([`kept.${ending}`]);
  });

  it.each(endings)('writes a file without pairs, which is an error when it is read (%s)', async (ending) => {
    const file = at(`none.${ending}`);
    await writePairs(file, []);
    await expect(readPairs(file)).rejects.toThrow(`${file} has no rows.`);
  });

  it('gives the same bytes for the same responses, at any time', async () => {
    const provenance = { builder: 'clair', seed: 1, models: { policy: 'p' } } as const;
    for (const ending of endings) {
      await writePairs(at(`a.${ending}`), [pair(1, { provenance: { ...provenance, time: '2024-01-01T00:00:00Z' } })]);
      await writePairs(at(`b.${ending}`), [pair(1, { provenance: { ...provenance, time: '2025-01-01T00:00:00Z' } })]);
      expect(await readFile(at(`a.${ending}`))).toEqual(await readFile(at(`b.${ending}`)));
      expect((await readPairs(at(`a.${ending}`))).pairs).toEqual([pair(1, { provenance })]);
    }
  });

  it("writes the requested form, as TRL's trainers read it", async () => {
    const turns = pair(2, { conversation: [user('hello'), assistant('hi'), user('question 2')] });
    await writePairs(at('conversational.jsonl'), [pair(1), turns], { form: 'conversational' });
    const lines = (await readFile(at('conversational.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { prompt: [user('question 1')], chosen: [assistant(' yes 1')], rejected: [assistant(' no 1')] },
      { prompt: turns.conversation, chosen: [assistant(' yes 2')], rejected: [assistant(' no 2')] },
    ]);
    const single = pair(3, { conversation: [user('question 3')] });
    await writePairs(at('standard.jsonl'), [pair(1), single], { form: 'standard' });
    expect((await readPairs(at('standard.jsonl'))).pairs).toEqual([pair(1), pair(3)]);
    await expect(writePairs(at('lossy.jsonl'), [pair(1), turns], { form: 'standard' })).rejects.toThrow(
      "Pair 2 can't be written: its conversation has 3 messages, but a text holds only one; write it in form 'conversational'.",
    );
    expect(await readdir(place)).toEqual(['conversational.jsonl', 'standard.jsonl']);
  });

  it('refuses two forms in one column of Parquet, and unknown formats and forms', async () => {
    const both = [pair(1), pair(2, { conversation: [user('question 2')] })];
    await expect(writePairs(at('both.parquet'), both)).rejects.toThrow("Write with form 'conversational'");
    await expect(writePairs(at('pairs.xlsx'), both)).rejects.toThrow(
      'has no ending of a known format. Use one of .jsonl',
    );
    await expect(writePairs(at('pairs.xlsx'), both, { format: 'parket' as 'parquet' })).rejects.toThrow(
      "did you mean 'parquet'?",
    );
    await expect(writePairs(at('a.jsonl'), both, { form: 'conversation' as 'standard' })).rejects.toThrow(ApolabError);
    await writePairs(at('pairs.xlsx'), both, { format: 'jsonl' });
    expect((await readPairs(at('pairs.xlsx'))).pairs).toEqual(both);
  });

  it('accepts column names that are special in JavaScript', async () => {
    const columns = Object.fromEntries([
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['toString', 't'],
    ]);
    for (const ending of endings) {
      await writePairs(at(`names.${ending}`), [pair(1, { columns })]);
      const [read] = (await readPairs(at(`names.${ending}`))).pairs;
      expect(Object.entries(read!.columns!), ending).toEqual(Object.entries(columns));
    }
  });
});

describe('convertPairs', () => {
  const rows = [
    JSON.stringify(pair(1)),
    '{"prompt": "?", "chosen": "a"}',
    'not JSON',
    JSON.stringify(pair(1)),
    JSON.stringify({ ...pair(4), prompt: [user('hello'), assistant('hi'), user('question 4')] }),
    JSON.stringify(pair(5)),
  ];

  it('counts, keeps the skipped rows with number, reason and contents, and removes those of an earlier run', async () => {
    await writeFile(at('in.jsonl'), rows.join('\n'));
    const told: number[] = [];
    const counts = await convertPairs(at('in.jsonl'), at('out.csv'), {
      form: 'standard',
      deduplicate: true,
      onRow: (count) => told.push(count),
    });
    const skippedFile = at('out.csv.skipped.jsonl');
    expect(counts).toEqual({ rows: 6, pairs: 2, skipped: 3, duplicates: 1, skippedFile });
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await readPairs(at('out.csv'))).pairs).toEqual([pair(1), pair(5)]);
    const kept = (await readFile(skippedFile, 'utf8')).trim().split('\n');
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        row: 2,
        reason: '"rejected" is missing; the row has "prompt", "chosen"',
        column: 'rejected',
        values: { prompt: '?', chosen: 'a' },
      },
      { row: 3, reason: expect.stringMatching(/^broken JSON/) as unknown, text: 'not JSON' },
      {
        row: 5,
        reason: "its conversation has 3 messages, but a text holds only one; write it in form 'conversational'",
        values: expect.objectContaining({ chosen: [assistant(' yes 4')] }) as unknown,
      },
    ]);
    await writeFile(at('in.jsonl'), rows[0]!);
    expect(await convertPairs(at('in.jsonl'), at('out.csv'))).toEqual({
      rows: 1,
      pairs: 1,
      skipped: 0,
      duplicates: 0,
    });
    expect((await readdir(place)).sort()).toEqual(['in.jsonl', 'out.csv']);
  });

  it('converts a file onto itself', async () => {
    await writePairs(at('self.jsonl'), [pair(1), pair(2)]);
    await convertPairs(at('self.jsonl'), at('self.jsonl'), { form: 'conversational' });
    expect((await readPairs(at('self.jsonl'))).pairs.map(({ conversation }) => conversation?.length)).toEqual([1, 1]);
  });

  it('leaves no file if the source fails', async () => {
    await expect(convertPairs(at('missing.jsonl'), at('out.parquet'))).rejects.toThrow('There is no file');
    expect(await readdir(place)).toEqual([]);
  });
});

describe('deduplicatePairs', () => {
  it('keeps the first of equal pairs; another conversation before the prompt makes another pair', () => {
    const turns = pair(1, { conversation: [user('hello'), assistant('hi'), user('question 1')] });
    const single = pair(1, { conversation: [user('question 1')], rationale: 'the same pair' });
    const swapped = { ...pair(1), chosen: pair(1).rejected, rejected: pair(1).chosen };
    expect(deduplicatePairs([pair(1), turns, single, swapped, pair(1), turns])).toEqual({
      pairs: [pair(1), turns, swapped],
      duplicates: 3,
    });
  });
});
