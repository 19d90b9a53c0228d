/** Pairs files with all kinds of faults are read without losing a row. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { formatSkipped, readPairs, writePairs, type PreferencePair } from '../../../src/preference.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pairs-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function fileOf(content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, `${(files += 1)}.jsonl`);
  await writeFile(file, content);
  return file;
}

const good = { prompt: 'price for apple ?', chosen: ' 5 coins', rejected: ' 4 stones' };
const goodLine = JSON.stringify(good);
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

/** The pair, or the reason, that one row gives on line 2 between two good rows. */
async function readRow(row: string | Record<string, unknown>): Promise<PreferencePair | string> {
  const line = typeof row === 'string' ? row : JSON.stringify(row);
  const { pairs, skipped } = await readPairs(await fileOf(`${goodLine}\n${line}\n${goodLine}\n`));
  expect(pairs.length + skipped.length, 'no row is lost').toBe(3);
  if (skipped.length === 0) return pairs[1]!;
  expect(skipped).toEqual([{ line: 2, reason: skipped[0]!.reason, text: line }]);
  return skipped[0]!.reason;
}

describe('readPairs', () => {
  it('reads 47 pairs of 50 rows and keeps the three broken ones with line number, reason and text', async () => {
    const lines = Array.from({ length: 50 }, (_, index) =>
      JSON.stringify({ ...good, prompt: `question ${index + 1}` }),
    );
    lines[6] = '{"prompt": "question 7", "chosen": " a"';
    lines[18] = '{"prompt": "question 19", "chosen": " a"}';
    lines[49] = '{"prompt": "question 50", "chosen": " a", "rejected": " a"}';
    const { pairs, skipped } = await readPairs(await fileOf(lines.join('\n')));
    expect(pairs).toHaveLength(47);
    expect(pairs.map(({ prompt }) => prompt)).not.toContain('question 7');
    expect(pairs.at(-1)).toEqual({ ...good, prompt: 'question 49' });
    expect(skipped.map(({ line, text }) => ({ line, text }))).toEqual([
      { line: 7, text: lines[6] },
      { line: 19, text: lines[18] },
      { line: 50, text: lines[49] },
    ]);
    expect(skipped[0]!.reason).toMatch(/^broken JSON \(.+\); write one whole JSON object per line$/);
    expect(skipped[1]!.reason).toBe('"rejected" is missing; the row has "prompt", "chosen"');
    expect(skipped[2]!.reason).toBe(
      '"chosen" and "rejected" are equal, which prefers nothing; change one or remove the row',
    );
  });

  it.each([
    ['a list', '[1, 2]', 'a list, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}'],
    ['null', 'null', 'null, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}'],
    ['an opened document', '{', 'the JSON is spread over several lines; write one object per line (JSONL)'],
    ['an empty object', {}, '"chosen" is missing; the row has no fields'],
    [
      'a misspelt field',
      { ...good, chosen: undefined, choosen: 'x' },
      '"chosen" is missing; the row has "prompt", "rejected", "choosen"',
    ],
    ['no prompt', { ...good, prompt: undefined }, '"prompt" is missing; the row has "chosen", "rejected"'],
    ['a number', { ...good, rejected: 4 }, '"rejected" is a number; make it a string'],
    ['a null', { ...good, chosen: null }, '"chosen" is null; make it a string'],
    ['an empty prompt', { ...good, prompt: '' }, '"prompt" is empty; write its text or remove the row'],
    ['a blank answer', { ...good, chosen: ' \t' }, '"chosen" is empty; write its text or remove the row'],
    [
      'a rationale that is not a text',
      { ...good, rationale: 7 },
      '"rationale" is a number; make it a string or leave it out',
    ],
    [
      'half a character in the rationale',
      '{"prompt": "a", "chosen": "b", "rejected": "c", "rational": "\\ud83d"}',
      '"rational" has half a character (a lone surrogate such as \\ud83d); fix its text',
    ],
    [
      'a score that is not a number',
      { ...good, score_chosen: 'nine', score_rejected: 3 },
      '"score_chosen" is a string; make it a number or leave it out',
    ],
    [
      'an answer by the user',
      { ...good, chosen: [user('a')] },
      '"chosen" ends with a message by "user"; its last message must be the assistant\'s answer',
    ],
    [
      'no messages',
      { ...good, chosen: [] },
      '"chosen" ends with no message; its last message must be the assistant\'s answer',
    ],
    [
      'a message without a role',
      { ...good, chosen: ['a'] },
      '"chosen"[0] has no "role"; write {"role": "user", "content": "..."}',
    ],
    [
      'a message without text',
      { ...good, chosen: [{ role: 'assistant' }] },
      '"chosen"[0].content is missing; make it a string',
    ],
    [
      'a prompt that the assistant ends',
      { ...good, prompt: [user('a'), assistant('b')] },
      '"prompt" ends with a message by "assistant"; the last message before the answers must be the user\'s',
    ],
    [
      'a conversation without a question',
      {
        chosen: [{ role: 'system', content: 's' }, assistant('a')],
        rejected: [{ role: 'system', content: 's' }, assistant('b')],
      },
      'the list of messages before the answers ends with a message by "system"; the last message before the answers must be the user\'s',
    ],
    [
      'a prompt that differs from the conversation in the answers',
      { ...good, prompt: 'else', chosen: [user('a'), assistant('b')], rejected: [user('a'), assistant('c')] },
      '"chosen" and "rejected" must answer the same prompt, but the messages before them differ from it',
    ],
    [
      'half a character',
      '{"prompt": "a", "chosen": "\\ud83d", "rejected": "b"}',
      '"chosen" has half a character (a lone surrogate such as \\ud83d), which no tokenizer accepts; fix its text',
    ],
    [
      'answers to another prompt',
      { ...good, chosen: [user('else'), assistant('a')] },
      '"chosen" and "rejected" must answer the same prompt, but the messages before them differ from it',
    ],
  ])('skips %s, and names the field and the fix', async (_, row, reason) => {
    expect(await readRow(row)).toBe(reason);
  });

  it.each([
    ['strings', good],
    ['an empty rationale field', { ...good, rationale: null }],
  ])('reads %s', async (_, row) => {
    expect(await readRow(row)).toEqual(good);
  });

  it('keeps the other columns of a row, and reads the scores if both are given', async () => {
    const columns = { id: 7, messages: [], source: 'mine' };
    expect(await readRow({ ...good, ...columns, empty: null })).toEqual({ ...good, columns });
    expect(await readRow({ ...good, score_chosen: 9, score_rejected: 3.5 })).toEqual({
      ...good,
      scores: { chosen: 9, rejected: 3.5 },
    });
    expect(await readRow({ ...good, score_chosen: 9 })).toEqual({ ...good, columns: { score_chosen: 9 } });
    const provenance = { builder: 'clair', seed: 3, models: { policy: 'tiny' } };
    expect(await readRow({ ...good, provenance })).toEqual({ ...good, provenance });
    expect(await readRow({ ...good, provenance: JSON.stringify(provenance) })).toEqual({ ...good, provenance });
    expect(await readRow({ ...good, provenance: 'the web' })).toEqual({ ...good, columns: { provenance: 'the web' } });
  });

  it.each([
    ['a prompt in a list', { ...good, prompt: [user(good.prompt)] }],
    ['answers in lists', { ...good, chosen: [assistant(good.chosen)], rejected: [assistant(good.rejected)] }],
    [
      'answers that repeat the prompt, as in the published sets',
      {
        ...good,
        chosen: [user(good.prompt), assistant(good.chosen)],
        rejected: [user(good.prompt), assistant(good.rejected)],
      },
    ],
    [
      'a prompt that only the answers hold',
      { chosen: [user(good.prompt), assistant(good.chosen)], rejected: [user(good.prompt), assistant(good.rejected)] },
    ],
  ])('reads %s, and keeps the conversation', async (_, row) => {
    expect(await readRow(row)).toEqual({ ...good, conversation: [user(good.prompt)] });
  });

  const turns = [{ role: 'system', content: 'be brief' }, user('hello'), assistant('hi'), user(good.prompt)];
  it.each([
    ['in the prompt', { ...good, prompt: turns }],
    ['in the answers', { chosen: [...turns, assistant(good.chosen)], rejected: [...turns, assistant(good.rejected)] }],
    [
      'in all three',
      { prompt: turns, chosen: [...turns, assistant(good.chosen)], rejected: [...turns, assistant(good.rejected)] },
    ],
    [
      'beside the question as text',
      { ...good, chosen: [...turns, assistant(good.chosen)], rejected: [...turns, assistant(good.rejected)] },
    ],
  ])('reads several turns and a system message %s', async (_, row) => {
    expect(await readRow(row)).toEqual({ ...good, conversation: turns });
  });

  it("reads the reviser's reasoning from either name of the column", async () => {
    expect(await readRow({ ...good, rationale: 'why' })).toEqual({ ...good, rationale: 'why' });
    expect(await readRow({ ...good, rational: 'why' })).toEqual({ ...good, rationale: 'why' });
  });

  it('allows a byte order mark, CRLF, blank lines and a missing last line feed, and counts lines correctly', async () => {
    const file = await fileOf(`\uFEFF${goodLine}\r\n\r\n  \n${goodLine}\r\nbroken\r\n${goodLine}`);
    const { pairs, skipped } = await readPairs(file);
    expect(pairs).toEqual([good, good, good]);
    expect(skipped.map(({ line, text }) => ({ line, text }))).toEqual([{ line: 5, text: 'broken' }]);
  });

  it('skips only the row whose bytes are not UTF-8', async () => {
    const latin1 = Buffer.from(JSON.stringify({ ...good, chosen: 'café' }), 'latin1');
    const { pairs, skipped } = await readPairs(
      await fileOf(Buffer.concat([Buffer.from(`${goodLine}\n`), latin1, Buffer.from(`\n${goodLine}\n`)])),
    );
    expect(pairs).toEqual([good, good]);
    expect(skipped).toEqual([
      {
        line: 2,
        reason: 'has bytes that are not UTF-8; save the file as UTF-8',
        text: JSON.stringify({ ...good, chosen: 'caf\uFFFD' }),
      },
    ]);
  });

  it('keeps characters that are split between two chunks of the stream', async () => {
    const pairs = Array.from({ length: 3000 }, (_, index) => ({
      ...good,
      prompt: `東京😀é ${index}`,
      chosen: ' ü'.repeat(index % 40 || 1),
    }));
    const file = await fileOf(pairs.map((pair) => JSON.stringify(pair)).join('\n'));
    expect(await readPairs(file)).toEqual({ pairs, skipped: [] });
  });

  it('skips a line that is too long, keeps its beginning, and reads the lines after it', async () => {
    const long = JSON.stringify({ ...good, chosen: 'x'.repeat(3_000_000) });
    const { pairs, skipped } = await readPairs(await fileOf(`${goodLine}\n${long}\n${goodLine}`));
    expect(pairs).toEqual([good, good]);
    expect(skipped).toEqual([
      {
        line: 2,
        reason: 'is longer than 1,048,576 bytes; shorten it, or read with a larger maxLineBytes',
        text: long.slice(0, 1000),
      },
    ]);
    const all = await readPairs(await fileOf(long), { maxLineBytes: long.length });
    expect(all.pairs[0]!.chosen).toHaveLength(3_000_000);
  });

  it("adds the caller's own reason and keeps the row's line", async () => {
    const file = await fileOf(`${goodLine}\n${JSON.stringify({ ...good, prompt: 'price for zebra ?' })}\n`);
    const check = ({ prompt }: PreferencePair) => (prompt.includes('zebra') ? 'prompt has a word: zebra' : undefined);
    const { pairs, skipped } = await readPairs(file, { check });
    expect(pairs).toEqual([good]);
    expect(skipped).toMatchObject([{ line: 2, reason: 'prompt has a word: zebra' }]);
  });

  it('returns every row with its reason if all of them are broken', async () => {
    const { pairs, skipped } = await readPairs(await fileOf('a\nb\n'));
    expect(pairs).toEqual([]);
    expect(skipped.map(({ line }) => line)).toEqual([1, 2]);
  });

  it('explains that a file is missing, a folder without data, or without rows', async () => {
    const missing = path.join(folder, 'missing.jsonl');
    await expect(readPairs(missing)).rejects.toThrow(ApolabError);
    await expect(readPairs(missing)).rejects.toThrow(`There is no file ${missing}.`);
    const bare = await mkdtemp(path.join(folder, 'bare-'));
    await expect(readPairs(bare)).rejects.toThrow(ApolabError);
    await expect(readPairs(bare)).rejects.toThrow(`${bare} is a folder without data files.`);
    for (const content of ['', '\n \r\n']) {
      const empty = await fileOf(content);
      await expect(readPairs(empty)).rejects.toThrow(ApolabError);
      await expect(readPairs(empty)).rejects.toThrow(`${empty} has no rows.`);
    }
  });

  it("throws an error of the caller's check unchanged", async () => {
    const failure = new RangeError('mine');
    const check = () => {
      throw failure;
    };
    await expect(readPairs(await fileOf(goodLine), { check })).rejects.toBe(failure);
  });
});

describe('formatSkipped', () => {
  it('shows how many rows are skipped, and the line, reason and text of each', () => {
    const skipped = [
      { line: 3, reason: '"chosen" is missing; the row has "prompt"', text: '{"prompt": "?"}' },
      { line: 12, reason: 'null, not an object', text: `null${' '.repeat(100)}` },
    ];
    expect(formatSkipped(skipped, 'mine.jsonl').split('\n')).toEqual([
      '2 rows of mine.jsonl are not used:',
      '  line 3: "chosen" is missing; the row has "prompt"',
      '    {"prompt": "?"}',
      '  line 12: null, not an object',
      `    null${' '.repeat(67)}…`,
    ]);
  });

  it('shows 20 rows and counts the rest', () => {
    const skipped = Array.from({ length: 25 }, (_, index) => ({ line: index + 1, reason: 'bad', text: 'x' }));
    const lines = formatSkipped(skipped, 'f').split('\n');
    expect(lines).toHaveLength(1 + 2 * 20 + 1);
    expect(lines.at(-1)).toBe('  and 5 more, each with its line number and reason');
  });

  it('replaces control characters, which could change the terminal', () => {
    const shown = formatSkipped([{ line: 1, reason: 'broken JSON (\u001b[31m)', text: 'a\u001b[2Jb\rc' }], 'f');
    expect(shown).toBe('1 row of f is not used:\n  line 1: broken JSON (\uFFFD[31m)\n    a\uFFFD[2Jb\uFFFDc');
  });

  it('uses row numbers for other formats, and names the file of a dataset', () => {
    const row = { line: 3, reason: 'bad', text: 'x' };
    expect(formatSkipped([row], 'a.parquet').split('\n')[1]).toBe('  row 3: bad');
    expect(formatSkipped([{ ...row, file: 'data/train.csv' }], 'owner/name').split('\n')[1]).toBe(
      '  row 3 of data/train.csv: bad',
    );
  });

  it('is empty if nothing was skipped', () => {
    expect(formatSkipped([], 'f')).toBe('');
  });
});

describe('writePairs', () => {
  it('writes what readPairs reads back, for any text', async () => {
    const pairs: PreferencePair[] = [
      good,
      { ...good, rationale: 'because' },
      { ...good, conversation: [user('hello'), assistant('hi'), user(good.prompt)], rationale: 'because' },
      { prompt: 'two\nlines\u2028"quoted" \\', chosen: ' 😀\ttab', rejected: ' \u0000' },
    ];
    const file = path.join(folder, 'new', 'pairs.jsonl');
    await writePairs(file, pairs);
    expect(await readPairs(file)).toEqual({ pairs, skipped: [] });
    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe(goodLine);
    expect(await readdir(path.dirname(file))).toEqual(['pairs.jsonl']);
  });
});
