/** Prompts files: prompts, the policy's responses, and skipped rows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApolabError } from '../../../src/core/errors.js';
import { collect, readPrompts, streamPrompts, type PromptRow } from '../../../src/preference.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prompts-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, content: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

async function rowsOf(rows: readonly unknown[]): Promise<PromptRow[]> {
  const file = await fileOf('rows.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return collect(streamPrompts(file));
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = { role: 'system', content: 'be brief' };

describe('streamPrompts', () => {
  it.each([
    ['a text', { prompt: 'why ?' }, { prompt: 'why ?' }],
    ['a text with an answer', { prompt: 'why ?', response: ' so' }, { prompt: 'why ?', response: ' so' }],
    ['an empty answer field', { prompt: 'why ?', response: null }, { prompt: 'why ?' }],
    ['messages', { prompt: [system, user('why ?')] }, { prompt: [system, user('why ?')] }],
    [
      'messages with an answer as text',
      { prompt: [system, user('why ?')], response: 'so' },
      { prompt: [system, user('why ?')], response: 'so' },
    ],
    [
      'a text with an answer as message',
      { prompt: 'why ?', response: [assistant('so')] },
      { prompt: [user('why ?')], response: 'so' },
    ],
    [
      'an answer that repeats the prompt',
      { prompt: 'why ?', response: [system, user('why ?'), assistant('so')] },
      { prompt: [system, user('why ?')], response: 'so' },
    ],
    [
      'a prompt that only the answer holds',
      { response: [user('why ?'), assistant('so')] },
      { prompt: [user('why ?')], response: 'so' },
    ],
    [
      'a pair without a prompt of its own',
      { chosen: [user('why ?'), assistant('so')], rejected: [user('why ?'), assistant('no')] },
      { prompt: [user('why ?')] },
    ],
    ['other columns', { id: 7, prompt: 'why ?', chosen: ' a', rejected: ' b' }, { prompt: 'why ?' }],
  ])('reads %s', async (_, row, expected) => {
    expect(await rowsOf([row])).toEqual([{ kind: 'prompt', row: 1, ...expected }]);
  });

  it.each([
    ['no prompt', { response: 'so' }, '"prompt" is missing; the row has "response"'],
    ['an empty prompt', { prompt: ' ' }, '"prompt" is empty; write its text or remove the row'],
    ['an empty answer', { prompt: 'why ?', response: '' }, '"response" is empty; write its text or remove the row'],
    ['a number as an answer', { prompt: 'why ?', response: 5 }, '"response" is a number; make it a string'],
    [
      'an answer by the user',
      { prompt: 'why ?', response: [user('so')] },
      '"response" ends with a message by "user"; its last message must be the assistant\'s answer',
    ],
    [
      'an answer to another prompt',
      { prompt: 'why ?', response: [user('how ?'), assistant('so')] },
      '"response" must answer the prompt, but the messages before it differ from it',
    ],
  ])('skips %s with number, reason and text, and reads on', async (_, row, reason) => {
    expect(await rowsOf([{ prompt: 'a' }, row, { prompt: 'b' }])).toEqual([
      { kind: 'prompt', row: 1, prompt: 'a' },
      { kind: 'skipped', row: 2, reason, text: JSON.stringify(row) },
      { kind: 'prompt', row: 3, prompt: 'b' },
    ]);
  });

  it('reads one prompt per line of a text file, and counts blank lines', async () => {
    const file = await fileOf('prompts.txt', '\uFEFFwhy ?\r\n\r\n{"prompt": "not JSON here"}\r\n');
    expect(await collect(streamPrompts(file))).toEqual([
      { kind: 'prompt', row: 1, prompt: 'why ?' },
      { kind: 'prompt', row: 3, prompt: '{"prompt": "not JSON here"}' },
    ]);
  });

  it('ends at once if the reader stops, and explains that a file is missing or without rows', async () => {
    const many = await fileOf('many.jsonl', '{"prompt": "a"}\n'.repeat(100_000));
    for await (const row of streamPrompts(many)) {
      expect(row.row).toBe(1);
      break;
    }
    const missing = path.join(folder, 'missing.jsonl');
    await expect(streamPrompts(missing).next()).rejects.toThrow(ApolabError);
    await expect(streamPrompts(missing).next()).rejects.toThrow(`There is no file ${missing}.`);
    const empty = await fileOf('empty.jsonl', '\n');
    await expect(streamPrompts(empty).next()).rejects.toThrow(`${empty} has no rows.`);
  });
});

describe('readPrompts', () => {
  it('reads only the prompts, also of rows with faulty responses', async () => {
    const file = await fileOf('answered.jsonl', '{"prompt": "a", "response": ""}\n{"response": "b"}\n');
    expect(await readPrompts(file)).toEqual({
      prompts: ['a'],
      skipped: [{ line: 2, reason: '"prompt" is missing; the row has "response"', text: '{"response": "b"}' }],
    });
  });
});
