/** Rows that other programs write, and prompts that both responses begin with: read, or named with the command that helps. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { collect, streamPrompts } from '../../../src/preference.js';
import { extractText } from '../../../src/pairs/rows/extractPrompt.js';
import { pairOfRow } from '../../../src/pairs/rows/parsePair.js';

const folder = await mkdtemp(path.join(tmpdir(), 'foreign-rows-'));
afterAll(() => rm(folder, { recursive: true }));

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });
const human = (value: string) => ({ from: 'human', value });
const gpt = (value: string) => ({ from: 'gpt', value });

describe('a row is read as a pair', () => {
  it.each([
    [
      "HH-RLHF's text",
      { chosen: '\n\nHuman: 1 + 1 ?\n\nAssistant: 2', rejected: '\n\nHuman: 1 + 1 ?\n\nAssistant: 3' },
      { prompt: '\n\nHuman: 1 + 1 ?\n\nAssistant:', chosen: ' 2', rejected: ' 3' },
    ],
    [
      "TRL's implicit prompt in messages",
      { chosen: [user('why ?'), assistant('so')], rejected: [user('why ?'), assistant('no')] },
      { prompt: 'why ?', chosen: 'so', rejected: 'no', conversation: [user('why ?')] },
    ],
    [
      'ShareGPT with one message each',
      { conversations: [human('why ?')], chosen: gpt('so'), rejected: gpt('no'), id: 3 },
      { prompt: 'why ?', chosen: 'so', rejected: 'no', conversation: [user('why ?')], columns: { id: 3 } },
    ],
    [
      'ShareGPT with a system prompt and several turns',
      {
        system: 'be brief',
        conversations: [human('why ?'), gpt('so'), human('how ?')],
        chosen: [gpt('thus')],
        rejected: [gpt('no')],
      },
      {
        prompt: 'how ?',
        chosen: 'thus',
        rejected: 'no',
        conversation: [system('be brief'), user('why ?'), assistant('so'), user('how ?')],
      },
    ],
    [
      "ShareGPT's tools",
      {
        tools: '[{"name": "clock"}]',
        conversations: [
          human('time ?'),
          { from: 'function_call', value: '{"name": "clock", "arguments": {}}' },
          { from: 'observation', value: '12:00' },
        ],
        chosen: gpt('noon'),
        rejected: gpt('no'),
      },
      {
        prompt: '12:00',
        chosen: 'noon',
        rejected: 'no',
        tools: [{ name: 'clock' }],
        conversation: [
          user('time ?'),
          { role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'clock', arguments: {} } }] },
          { role: 'tool', content: '12:00' },
        ],
      },
    ],
    [
      'Alpaca with a preference',
      { instruction: 'Add.', input: '1 + 1', chosen: '2', rejected: '3' },
      { prompt: 'Add.\n1 + 1', chosen: '2', rejected: '3' },
    ],
    [
      'Alpaca with an empty input, a system prompt and a history',
      { instruction: 'Why?', input: '', system: 'be brief', history: [['a', 'b']], chosen: 'so', rejected: 'no' },
      {
        prompt: 'Why?',
        chosen: 'so',
        rejected: 'no',
        conversation: [system('be brief'), user('a'), assistant('b'), user('Why?')],
      },
    ],
    [
      "Orca's columns",
      { system: '', question: 'why ?', chosen: 'so', rejected: 'no' },
      { prompt: 'why ?', chosen: 'so', rejected: 'no' },
    ],
    [
      "OpenAI's preference file",
      {
        input: { messages: [user('why ?')], tools: [], parallel_tool_calls: true },
        preferred_output: [assistant('so')],
        non_preferred_output: [assistant('no')],
      },
      { prompt: 'why ?', chosen: 'so', rejected: 'no', conversation: [user('why ?')], tools: [] },
    ],
    [
      "UltraFeedback's completions",
      {
        source: 'test',
        instruction: 'why ?',
        completions: [
          { response: 'middling', overall_score: 6 },
          { response: 'so', overall_score: 8.5 },
          { response: 'no', overall_score: '2' },
          { response: 'unrated', overall_score: null },
        ],
      },
      {
        prompt: 'why ?',
        chosen: 'so',
        rejected: 'no',
        scores: { chosen: 8.5, rejected: 2 },
        columns: { source: 'test' },
      },
    ],
    [
      "the Hub's binarized UltraFeedback",
      {
        prompt: 'why ?',
        prompt_id: 'x',
        chosen: [user('why ?'), assistant('so')],
        rejected: [user('why ?'), assistant('no')],
        score_chosen: 8,
        score_rejected: 2,
      },
      {
        prompt: 'why ?',
        chosen: 'so',
        rejected: 'no',
        conversation: [user('why ?')],
        scores: { chosen: 8, rejected: 2 },
        columns: { prompt_id: 'x' },
      },
    ],
    [
      'one message each',
      { prompt: [user('why ?')], chosen: assistant('so'), rejected: assistant('no') },
      { prompt: 'why ?', chosen: 'so', rejected: 'no', conversation: [user('why ?')] },
    ],
  ])('%s', (_, row, pair) => {
    expect(pairOfRow(row)).toEqual({ kind: 'pair', pair });
  });
});

describe('a row without a preference is named, with the command', () => {
  const build =
    'build pairs from it: npx apolab clair --prompts FILE --out pairs.jsonl --model REVISER --policy POLICY';
  it.each([
    [
      'ShareGPT',
      { conversations: [human('a'), gpt('b')] },
      'the row is ShareGPT (conversations, from, value): ',
      build,
    ],
    ['Alpaca', { instruction: 'a', input: '', output: 'b' }, 'the row is Alpaca (instruction, input, output): ', build],
    [
      'completions',
      { prompt: 'a', completion: 'b' },
      'the row is supervised fine-tuning (prompt, completion): ',
      build,
    ],
    ['conversations', { messages: [user('a'), assistant('b')] }, 'the row is a conversation for fine-tuning', build],
    [
      'unpaired',
      { prompt: 'a', completion: 'b', label: false },
      'the row is unpaired (prompt, completion, label): ',
      'readUnpaired',
    ],
    [
      'equal scores',
      {
        instruction: 'a',
        completions: [
          { response: 'b', overall_score: 1 },
          { response: 'c', overall_score: 1 },
        ],
      },
      'all of "completions" have the same overall_score',
      'remove the row',
    ],
    ['no scores', { instruction: 'a', completions: [{ response: 'b' }] }, '"completions" has none with', 'add scores'],
    [
      'a broken history',
      { instruction: 'a', history: ['b'], chosen: 'c', rejected: 'd' },
      '"history" is not a list',
      'leave it out',
    ],
  ])('%s', (_, row, name, command) => {
    const parsed = pairOfRow(row);
    expect(parsed.kind).toBe('skipped');
    if (parsed.kind !== 'skipped') return;
    expect(parsed.reason).toContain(name);
    expect(parsed.reason).toContain(command);
  });
});

it('the prompts of such rows are read, as the command says', async () => {
  const file = path.join(folder, 'prompts.jsonl');
  const rows = [
    { conversations: [human('a'), gpt('b'), human('c'), gpt('d')] },
    { instruction: 'Add.', input: '1 + 1', output: '2' },
    { messages: [user('a'), assistant('b')] },
    { prompt: 'a', completion: 'b' },
    { prompt: 'a', completion: 'b', label: true },
    { instruction: 'a', completions: [] },
    { chosen: '\n\nHuman: a\n\nAssistant: b', rejected: '\n\nHuman: a\n\nAssistant: c' },
  ];
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const found = await collect(streamPrompts(file));
  expect(found.map((row) => (row.kind === 'prompt' ? row.prompt : row.reason))).toEqual([
    [user('a'), assistant('b'), user('c')],
    'Add.\n1 + 1',
    [user('a')],
    'a',
    'a',
    'a',
    '\n\nHuman: a\n\nAssistant:',
  ]);
  expect(found.every((row) => !('response' in row))).toBe(true);
});

describe('an implicit prompt', () => {
  it.each([
    ['ab c', 'ab d', { prompt: 'ab', chosen: ' c', rejected: ' d' }],
    ['ab  c', 'ab  d', { prompt: 'ab ', chosen: ' c', rejected: ' d' }],
    ['abc', 'abd', { prompt: 'ab', chosen: 'c', rejected: 'd' }],
    ['ab', 'abc', { prompt: 'a', chosen: 'b', rejected: 'bc' }],
    ['a😀', 'a😁', { prompt: 'a', chosen: '😀', rejected: '😁' }],
    ['x', 'y', { prompt: '', chosen: 'x', rejected: 'y' }],
  ])('of %j and %j is what TRL extracts', (chosen, rejected, expected) => {
    expect(extractText(chosen, rejected)).toEqual(expected);
  });

  it.each([
    [{ chosen: 'x', rejected: 'y' }, '"prompt" is missing; the row has "chosen", "rejected"'],
    [{ chosen: 'same', rejected: 'same' }, '"chosen" and "rejected" are equal'],
    [{ chosen: 'ab ', rejected: 'abc' }, '"chosen" is empty'],
    [{ chosen: [user('a'), assistant('b')], rejected: [user('c'), assistant('d')] }, 'must answer the same prompt'],
    [{ chosen: [user('a'), assistant('b')], rejected: 'c' }, '"prompt" is missing'],
  ])('that is none is a reason: %j', (row, reason) => {
    const parsed = pairOfRow(row);
    expect(parsed).toMatchObject({ kind: 'skipped' });
    if (parsed.kind === 'skipped') expect(parsed.reason).toContain(reason);
  });
});
