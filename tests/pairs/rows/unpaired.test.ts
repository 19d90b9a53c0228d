/** Unpaired rows: read with their reasons, and validated. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import {
  isUnpaired,
  readTrainingRows,
  readUnpaired,
  streamUnpaired,
  unpairPairs,
  validatePairs,
} from '../../../src/preference.js';
import { unpairedOfRow } from '../../../src/pairs/rows/parseUnpaired.js';

const folder = await mkdtemp(path.join(tmpdir(), 'unpaired-'));
afterAll(() => rm(folder, { recursive: true }));
let files = 0;
async function fileOf(rows: readonly unknown[], ending = 'jsonl'): Promise<string> {
  const file = path.join(folder, `${(files += 1)}.${ending}`);
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const text = { prompt: 'why ?', completion: ' so', label: true };

describe('a row is an example', () => {
  it.each([
    ['texts', text, text],
    ['a label as a number', { ...text, label: 0 }, { ...text, label: false }],
    ['a label in quotes', { ...text, label: 'False' }, { ...text, label: false }],
    ['other columns', { ...text, id: 7, none: null }, { ...text, columns: { id: 7 } }],
    [
      'messages',
      { prompt: [user('why ?')], completion: [assistant('so')], label: true },
      { prompt: 'why ?', completion: 'so', label: true, conversation: [user('why ?')] },
    ],
    [
      'a text and messages',
      { prompt: 'why ?', completion: [assistant('so')], label: false },
      { prompt: 'why ?', completion: 'so', label: false, conversation: [user('why ?')] },
    ],
    [
      'a completion that repeats the prompt',
      { completion: [user('why ?'), assistant('so')], label: true },
      { prompt: 'why ?', completion: 'so', label: true, conversation: [user('why ?')] },
    ],
    [
      'tools and reasoning',
      {
        prompt: [user('why ?')],
        completion: [{ ...assistant('so'), reasoning_content: 'hm' }],
        label: true,
        tools: '[{"name": "clock"}]',
      },
      {
        prompt: 'why ?',
        completion: 'so',
        label: true,
        conversation: [user('why ?')],
        completionMessages: [{ ...assistant('so'), reasoning_content: 'hm' }],
        tools: [{ name: 'clock' }],
      },
    ],
  ])('of %s', (_, row, example) => {
    expect(unpairedOfRow(row)).toEqual({ kind: 'example', example });
  });
});

describe('a row is refused with a reason', () => {
  it.each([
    ['no prompt', { completion: 'a', label: true }, '"prompt" is missing; the row has "completion", "label"'],
    ['no completion', { prompt: 'a', label: true }, '"completion" is missing; the row has "prompt", "label"'],
    ['no label', { prompt: 'a', completion: 'b' }, '"label" is missing; the row has "prompt", "completion"'],
    ['an empty completion', { ...text, completion: ' ' }, '"completion" is empty; write its text or remove the row'],
    [
      'a label of another kind',
      { ...text, label: 'good' },
      '"label" is "good"; make it true if the completion is desirable',
    ],
    ['a label of 2', { ...text, label: 2 }, '"label" is 2; make it true'],
    ['a null label', { ...text, label: null }, '"label" is null; make it true'],
    [
      'a pair',
      { prompt: 'a', chosen: 'b', rejected: 'c' },
      'the row is a pair ("chosen", "rejected"); read it with readPairs',
    ],
    [
      'an answer to another prompt',
      { prompt: [user('a')], completion: [user('b'), assistant('c')], label: true },
      '"completion" must answer the prompt, but the messages before it differ from it',
    ],
    [
      'an answer by the user',
      { prompt: 'a', completion: [user('b')], label: true },
      '"completion" ends with a message by "user"',
    ],
  ])('%s', (_, row, reason) => {
    const parsed = unpairedOfRow(row);
    expect(parsed.kind).toBe('skipped');
    if (parsed.kind === 'skipped') expect(parsed.reason).toContain(reason);
  });
});

it('a file is read with every row that is not an example', async () => {
  const file = await fileOf([text, { ...text, label: 'x' }, { ...text, completion: ' no', label: false }]);
  const { examples, skipped } = await readUnpaired(file);
  expect(examples).toEqual([text, { ...text, completion: ' no', label: false }]);
  expect(skipped).toMatchObject([{ line: 2, text: JSON.stringify({ ...text, label: 'x' }) }]);
  const checked = await readUnpaired(file, {
    check: ({ label }, { row }) => (label ? undefined : `row ${row} is bad`),
  });
  expect(checked.skipped.map(({ reason }) => reason)).toContain('row 3 is bad');
  const packed = path.join(folder, 'packed.json.gz');
  await writeFile(packed, gzipSync(JSON.stringify([text, text])));
  let rows = 0;
  for await (const row of streamUnpaired(packed)) rows += row.kind === 'example' ? 1 : 0;
  expect(rows).toBe(2);
});

it('a file of pairs and unpaired rows is read in its order, with every row that is neither', async () => {
  const pair = { prompt: 'a', chosen: 'b', rejected: 'c' };
  const file = await fileOf([text, pair, { prompt: 'a' }, { ...text, label: 'x' }, { ...text, label: false }]);
  const { rows, skipped } = await readTrainingRows(file, {
    check: (row, place) => (isUnpaired(row) && !row.label ? `row ${place.row} is undesirable` : undefined),
  });
  expect(rows).toEqual([text, pair]);
  expect(skipped.map(({ line, reason }) => [line, reason])).toEqual([
    [3, expect.stringContaining('"chosen" is missing')],
    [4, expect.stringContaining('"label" is "x"')],
    [5, 'row 5 is undesirable'],
  ]);
});

it('pairs become a desirable and an undesirable example each, with conversation, messages, tools and columns', () => {
  const plain = { prompt: 'a', chosen: 'b', rejected: 'c', rationale: 'r', columns: { source: 's' } };
  expect(unpairPairs([plain])).toEqual([
    { prompt: 'a', completion: 'b', label: true, columns: { source: 's' } },
    { prompt: 'a', completion: 'c', label: false, columns: { source: 's' } },
  ]);
  const conversation = [user('a')];
  const responseMessages = { chosen: [{ ...assistant('b'), tool_calls: [] }], rejected: [assistant('c')] };
  const chat = { prompt: 'a', chosen: 'b', rejected: 'c', conversation, responseMessages, tools: [{ name: 't' }] };
  const asked = { prompt: 'a', conversation, tools: [{ name: 't' }] };
  expect(unpairPairs([chat])).toEqual([
    { ...asked, completion: 'b', label: true, completionMessages: responseMessages.chosen },
    { ...asked, completion: 'c', label: false, completionMessages: responseMessages.rejected },
  ]);
});

describe('validate', () => {
  it('counts examples by label, and finds faults', async () => {
    const found = await validatePairs(
      await fileOf([
        text,
        { ...text, prompt: 'how ?', label: false },
        { ...text, label: 'x' },
        { ...text, completion: '' },
      ]),
    );
    expect(found).toMatchObject({ rows: 4, pairs: 0, unpaired: { desirable: 1, undesirable: 1 }, warnings: [] });
    expect(found.faults).toMatchObject([
      { row: 3, column: 'label' },
      { row: 4, column: 'completion' },
    ]);
  });

  it.each([
    [
      'duplicate_examples',
      [text, text, { ...text, completion: 'b', label: false }, { ...text, completion: 'c', label: false }],
      [2],
    ],
    ['contradicting_labels', [text, { ...text, label: false }], [2]],
    ['one_label', [text, { ...text, prompt: 'how ?' }], [1, 2]],
    [
      'unbalanced_labels',
      [text, ...[1, 2, 3].map((number) => ({ ...text, completion: String(number) + 'x', label: false }))],
      [1],
    ],
  ])('warns of %s', async (check, rows, first) => {
    const { warnings, faults } = await validatePairs(await fileOf(rows));
    expect(faults).toEqual([]);
    expect(warnings.map((warning) => warning.check)).toEqual([check]);
    expect(warnings[0]!.rows).toEqual(first);
  });

  it('says nothing of unpaired examples if there are none', async () => {
    expect(await validatePairs(await fileOf([{ prompt: 'a', chosen: 'b', rejected: 'c' }]))).not.toHaveProperty(
      'unpaired',
    );
  });
});
