/** Pairs files as people have them: broken in all the ways that files break, read without losing a row. */
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

/** What becomes of one row, which stands on line 2 between two good ones. */
async function readRow(row: string | Record<string, unknown>): Promise<PreferencePair | string> {
  const line = typeof row === 'string' ? row : JSON.stringify(row);
  const { pairs, skipped: rejected } = await readPairs(await fileOf(`${goodLine}\n${line}\n${goodLine}\n`));
  expect(pairs.length + rejected.length, 'no row is lost').toBe(3);
  if (rejected.length === 0) return pairs[1]!;
  expect(rejected).toEqual([{ line: 2, reason: rejected[0]!.reason, text: line }]);
  return rejected[0]!.reason;
}

describe('readPairs', () => {
  it('reads 47 pairs of 50 rows and keeps the three broken ones with line number, reason and text', async () => {
    const lines = Array.from({ length: 50 }, (_, index) =>
      JSON.stringify({ ...good, prompt: `question ${index + 1}` }),
    );
    lines[6] = '{"prompt": "question 7", "chosen": " a"';
    lines[18] = '{"prompt": "question 19", "chosen": " a"}';
    lines[49] = '{"prompt": "question 50", "chosen": " a", "rejected": " a"}';
    const { pairs, skipped: rejected } = await readPairs(await fileOf(lines.join('\n')));
    expect(pairs).toHaveLength(47);
    expect(pairs.map(({ prompt }) => prompt)).not.toContain('question 7');
    expect(pairs.at(-1)).toEqual({ ...good, prompt: 'question 49' });
    expect(rejected.map(({ line, text }) => ({ line, text }))).toEqual([
      { line: 7, text: lines[6] },
      { line: 19, text: lines[18] },
      { line: 50, text: lines[49] },
    ]);
    expect(rejected[0]!.reason).toMatch(/^broken JSON \(.+\); write one whole JSON object a line$/);
    expect(rejected[1]!.reason).toBe('"rejected" is missing; the row has "prompt", "chosen"');
    expect(rejected[2]!.reason).toBe(
      '"chosen" and "rejected" are equal, which prefers nothing; change one or remove the row',
    );
  });

  it.each([
    ['a list', '[1, 2]', 'a list, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}'],
    ['null', 'null', 'null, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}'],
    ['an opened document', '{', 'the JSON is spread over several lines; write one object a line (JSONL)'],
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
      'a rationale that is no text',
      { ...good, rationale: 7 },
      '"rationale" is a number; make it a string or leave it out',
    ],
    [
      'half a character in the rationale',
      '{"prompt": "a", "chosen": "b", "rejected": "c", "rational": "\\ud83d"}',
      '"rational" has half a character (a lone surrogate such as \\ud83d); repair its text',
    ],
    [
      'a score that is no number',
      { ...good, score_chosen: '9', score_rejected: 3 },
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
      'what stands before the answers ends with a message by "system"; the last message before the answers must be the user\'s',
    ],
    [
      'another prompt beside the conversation that the answers hold',
      { ...good, prompt: 'else', chosen: [user('a'), assistant('b')], rejected: [user('a'), assistant('c')] },
      '"chosen" and "rejected" must answer the same prompt, and the messages before them differ from it',
    ],
    [
      'half a character',
      '{"prompt": "a", "chosen": "\\ud83d", "rejected": "b"}',
      '"chosen" has half a character (a lone surrogate such as \\ud83d), which no tokenizer takes; repair its text',
    ],
    [
      'answers to another prompt',
      { ...good, chosen: [user('else'), assistant('a')] },
      '"chosen" and "rejected" must answer the same prompt, and the messages before them differ from it',
    ],
  ])('rejects %s, saying which field and what would be right', async (_, row, reason) => {
    expect(await readRow(row)).toBe(reason);
  });

  it.each([
    ['strings', good],
    ['an empty rationale field', { ...good, rationale: null }],
  ])('takes %s', async (_, row) => {
    expect(await readRow(row)).toEqual(good);
  });

  it('keeps what else a row holds, and takes the scores where both are there', async () => {
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
      'answers that repeat the prompt, as the published sets have them',
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
  ])('takes %s, and keeps that it was a conversation', async (_, row) => {
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
  ])('takes several turns and a system message %s', async (_, row) => {
    expect(await readRow(row)).toEqual({ ...good, conversation: turns });
  });

  it("reads the reviser's reasoning under its own name and under the published set's", async () => {
    expect(await readRow({ ...good, rationale: 'why' })).toEqual({ ...good, rationale: 'why' });
    expect(await readRow({ ...good, rational: 'why' })).toEqual({ ...good, rationale: 'why' });
  });

  it('tolerates a byte order mark, CRLF, blank lines and a missing last line feed, and still counts lines truly', async () => {
    const file = await fileOf(`\uFEFF${goodLine}\r\n\r\n  \n${goodLine}\r\nbroken\r\n${goodLine}`);
    const { pairs, skipped: rejected } = await readPairs(file);
    expect(pairs).toEqual([good, good, good]);
    expect(rejected.map(({ line, text }) => ({ line, text }))).toEqual([{ line: 5, text: 'broken' }]);
  });

  it('rejects only the row whose bytes are not UTF-8', async () => {
    const latin1 = Buffer.from(JSON.stringify({ ...good, chosen: 'café' }), 'latin1');
    const { pairs, skipped: rejected } = await readPairs(
      await fileOf(Buffer.concat([Buffer.from(`${goodLine}\n`), latin1, Buffer.from(`\n${goodLine}\n`)])),
    );
    expect(pairs).toEqual([good, good]);
    expect(rejected).toEqual([
      {
        line: 2,
        reason: 'has bytes that are not UTF-8; save the file as UTF-8',
        text: JSON.stringify({ ...good, chosen: 'caf\uFFFD' }),
      },
    ]);
  });

  it('keeps characters that fall on the border of two chunks of the stream', async () => {
    const pairs = Array.from({ length: 3000 }, (_, index) => ({
      ...good,
      prompt: `東京😀é ${index}`,
      chosen: ' ü'.repeat(index % 40 || 1),
    }));
    const file = await fileOf(pairs.map((pair) => JSON.stringify(pair)).join('\n'));
    expect(await readPairs(file)).toEqual({ pairs, skipped: [] });
  });

  it('rejects an absurdly long line, keeps its beginning, and goes on after it', async () => {
    const long = JSON.stringify({ ...good, chosen: 'x'.repeat(3_000_000) });
    const { pairs, skipped: rejected } = await readPairs(await fileOf(`${goodLine}\n${long}\n${goodLine}`));
    expect(pairs).toEqual([good, good]);
    expect(rejected).toEqual([
      {
        line: 2,
        reason: 'longer than 1,048,576 bytes; shorten it, or read with a larger maxLineBytes',
        text: long.slice(0, 1000),
      },
    ]);
    const all = await readPairs(await fileOf(long), { maxLineBytes: long.length });
    expect(all.pairs[0]!.chosen).toHaveLength(3_000_000);
  });

  it("adds the caller's own reason and keeps the row's line", async () => {
    const file = await fileOf(`${goodLine}\n${JSON.stringify({ ...good, prompt: 'price for zebra ?' })}\n`);
    const check = ({ prompt }: PreferencePair) => (prompt.includes('zebra') ? 'prompt has a word: zebra' : undefined);
    const { pairs, skipped: rejected } = await readPairs(file, { check });
    expect(pairs).toEqual([good]);
    expect(rejected).toMatchObject([{ line: 2, reason: 'prompt has a word: zebra' }]);
  });

  it('returns no pairs, and every row, where all of them are broken', async () => {
    const { pairs, skipped: rejected } = await readPairs(await fileOf('a\nb\n'));
    expect(pairs).toEqual([]);
    expect(rejected.map(({ line }) => line)).toEqual([1, 2]);
  });

  it('says in words that a file is missing, a folder, or without rows', async () => {
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

  it("passes on an error of the caller's check as it is", async () => {
    const failure = new RangeError('mine');
    const check = () => {
      throw failure;
    };
    await expect(readPairs(await fileOf(goodLine), { check })).rejects.toBe(failure);
  });
});

describe('formatSkipped', () => {
  it('shows how many rows are not used, and of each the line, the reason and the text', () => {
    const rejected = [
      { line: 3, reason: '"chosen" is missing; the row has "prompt"', text: '{"prompt": "?"}' },
      { line: 12, reason: 'null, not an object', text: `null${' '.repeat(100)}` },
    ];
    expect(formatSkipped(rejected, 'mine.jsonl').split('\n')).toEqual([
      '2 rows of mine.jsonl are not used:',
      '  line 3: "chosen" is missing; the row has "prompt"',
      '    {"prompt": "?"}',
      '  line 12: null, not an object',
      `    null${' '.repeat(67)}…`,
    ]);
  });

  it('shows twenty rows and counts the rest', () => {
    const rejected = Array.from({ length: 25 }, (_, index) => ({ line: index + 1, reason: 'bad', text: 'x' }));
    const lines = formatSkipped(rejected, 'f').split('\n');
    expect(lines).toHaveLength(1 + 2 * 20 + 1);
    expect(lines.at(-1)).toBe('  and 5 more, each with its line number and reason');
  });

  it('lets no control character of a file reach the terminal', () => {
    const shown = formatSkipped([{ line: 1, reason: 'broken JSON (\u001b[31m)', text: 'a\u001b[2Jb\rc' }], 'f');
    expect(shown).toBe('1 row of f is not used:\n  line 1: broken JSON (\uFFFD[31m)\n    a\uFFFD[2Jb\uFFFDc');
  });

  it('calls a row of other formats a row, and says in which file of a dataset it is', () => {
    const row = { line: 3, reason: 'bad', text: 'x' };
    expect(formatSkipped([row], 'a.parquet').split('\n')[1]).toBe('  row 3: bad');
    expect(formatSkipped([{ ...row, file: 'data/train.csv' }], 'owner/name').split('\n')[1]).toBe(
      '  row 3 of data/train.csv: bad',
    );
  });

  it('is empty where nothing was rejected', () => {
    expect(formatSkipped([], 'f')).toBe('');
  });
});

describe('writePairs', () => {
  it('writes what readPairs reads back, whatever the text holds', async () => {
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
