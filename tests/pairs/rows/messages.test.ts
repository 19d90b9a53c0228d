/** Messages keep all their keys: through reading, comparing, and writing in every format. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../src/core/random.js';
import {
  convertPairs,
  deduplicatePairs,
  messageText,
  readPairs,
  validatePairs,
  writePairs,
  type Message,
  type PreferencePair,
} from '../../../src/preference.js';
import { pairOfRow } from '../../../src/pairs/rows/parsePair.js';
import { rowOfPair } from '../../../src/pairs/rows/rowOfPair.js';

const folder = await mkdtemp(path.join(tmpdir(), 'messages-'));
afterAll(() => rm(folder, { recursive: true }));

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });
const call = (thing: string): Message => ({
  role: 'assistant',
  tool_calls: [{ id: '1', type: 'function', function: { name: 'price', arguments: { thing } } }],
});
const answered: Message = { role: 'tool', content: '5', name: 'price', tool_call_id: '1' };
const tools = [{ type: 'function', function: { name: 'price', parameters: { type: 'object', properties: {} } } }];

function pairOf(row: Readonly<Record<string, unknown>>): PreferencePair {
  const parsed = pairOfRow(row);
  if (parsed.kind === 'skipped') throw new Error(parsed.reason);
  return parsed.pair;
}

function reasonOf(row: Readonly<Record<string, unknown>>): string {
  const parsed = pairOfRow(row);
  return parsed.kind === 'skipped' ? parsed.reason : 'read';
}

describe('a pair with tools', () => {
  const row = {
    prompt: [user('price ?'), call('tea'), answered],
    chosen: [assistant('5')],
    rejected: [assistant('6')],
    tools,
  };

  it('has a prompt that ends with the tool, and keeps every key', () => {
    expect(pairOf(row)).toEqual({ prompt: '5', chosen: '5', rejected: '6', conversation: row.prompt, tools });
    expect(rowOfPair(pairOf(row))).toEqual(row);
  });

  it('reads tools from JSON text, as TRL does', () => {
    expect(pairOf({ ...row, tools: JSON.stringify(tools) }).tools).toEqual(tools);
    expect(pairOf({ ...row, tools: null })).not.toHaveProperty('tools');
    expect(reasonOf({ ...row, tools: 'a hammer' })).toBe(
      '"tools" is a string; make it a list of JSON schemas, or the JSON text of one',
    );
  });

  it('has the calls and the reasoning of its responses', () => {
    const thinking: Message = { ...assistant('6'), reasoning_content: 'hm' };
    const pair = pairOf({ ...row, chosen: [call('tea')], rejected: [call('coffee'), answered, thinking] });
    expect(pair.chosen).toBe('{"name":"price","arguments":{"thing":"tea"}}');
    expect(pair.rejected).toBe('{"name":"price","arguments":{"thing":"coffee"}}\n\n5\n\n6');
    expect(pair.responseMessages).toEqual({ chosen: [call('tea')], rejected: [call('coffee'), answered, thinking] });
  });

  it.each([
    ['a call', [call('tea')], [call('coffee')]],
    ['reasoning', [{ ...assistant('5'), reasoning_content: 'a' }], [{ ...assistant('5'), reasoning_content: 'b' }]],
    ['an unknown key', [{ ...assistant('5'), weight: 0 }], [{ ...assistant('5'), weight: 1 }]],
  ])('has different responses if %s differs', (_, chosen, rejected) => {
    expect(reasonOf({ ...row, chosen, rejected })).toBe('read');
    expect(reasonOf({ ...row, chosen, rejected: chosen })).toContain('are equal');
    const [first, second] = [
      pairOf({ ...row, chosen, rejected }),
      pairOf({ ...row, chosen: rejected, rejected: chosen }),
    ];
    expect(deduplicatePairs([first, second, first]).duplicates).toBe(1);
    expect(deduplicatePairs([first, { ...first, tools: [] }]).duplicates).toBe(0);
  });

  it('must have the same messages before the answers, with all their keys', () => {
    const before = (name: string) => [user('price ?'), call('tea'), { ...answered, name }];
    const both = (name: string) => ({
      prompt: before('price'),
      chosen: [...before('price'), assistant('5')],
      rejected: [...before(name), assistant('6')],
    });
    expect(reasonOf(both('price'))).toBe('read');
    expect(reasonOf(both('other'))).toContain('must answer the same prompt');
  });

  it('is refused by the standard form, with the reason', async () => {
    await expect(writePairs(path.join(folder, 'x.jsonl'), [pairOf(row)], { form: 'standard' })).rejects.toThrow(
      "Pair 1 can't be written: its messages hold more than texts",
    );
  });
});

describe('a message', () => {
  const row = (message: unknown) => ({
    prompt: [message, user('b')],
    chosen: [assistant('c')],
    rejected: [assistant('d')],
  });
  const field = '"prompt"[0]';

  it.each([
    ['a null content beside calls', { ...call('x'), content: null }, 'read'],
    ['an empty content beside calls', { ...call('x'), content: '' }, 'read'],
    ['an empty answer of a tool', { role: 'tool', content: '' }, 'read'],
    ['only reasoning', { role: 'assistant', reasoning_content: 'hm' }, 'read'],
    ['text parts', { role: 'user', content: [{ type: 'text', text: 'a' }] }, 'read'],
    ['an image', { role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }, 'read'],
    ['no content', { role: 'user' }, `${field}.content is missing; make it a string`],
    ['no content and no calls', { role: 'assistant', tool_calls: [] }, `${field}.content is missing; make it a string`],
    ['an empty content', { role: 'user', content: '' }, `${field}.content is empty`],
    ['an empty list', { role: 'user', content: [] }, `${field}.content is a list without parts`],
    ['a list of texts', { role: 'user', content: ['a'] }, `${field}.content is a list without parts`],
    ['a number', { role: 'user', content: 5 }, `${field}.content is a number; make it a string`],
    ['no role', { content: 'a' }, `${field} has no "role"`],
    [
      'half a character deep inside',
      { ...call('\ud83d') },
      `${field}.tool_calls[0].function.arguments.thing has half a character`,
    ],
  ])('with %s is read, or refused with a reason', (_, message, reason) => {
    expect(reasonOf(row(message))).toContain(reason);
  });

  it('says its text, its parts and its calls', () => {
    expect(messageText({ ...call('x'), content: 'Let me see.' })).toBe(
      'Let me see.\n{"name":"price","arguments":{"thing":"x"}}',
    );
    expect(messageText({ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image' }] })).toBe('a[image]');
    expect(messageText({ role: 'user' })).toBe('');
  });
});

/** Seeded rows with everything that messages hold. */
function drawRow(random: Random): Record<string, unknown> {
  const text = () => random.pick(['a', ' b ', 'é 😀', '{"c": 1}', 'd\ne', '"f"', '12', 'null']);
  const value = (): unknown =>
    random.pick([1, 2.5, true, null, 'x', [1, 'y', null], { z: { deep: [{ a: 1 }] } }, '', -0.5, { role: 'user' }]);
  const extras = () =>
    Object.fromEntries(
      ['name', 'weight', 'tool_call_id', 'reasoning_content', 'anything', '東京', 'constructor']
        .filter(() => random.chance(0.25))
        .map((key) => [key, value() ?? 'x']),
    );
  const calls = () => [
    { type: 'function', function: { name: text(), arguments: random.chance(0.5) ? { a: value() } : text() } },
  ];
  const message = (role: string): Message => ({ role, content: text(), ...extras() });
  const turn = () => [
    message('user'),
    ...(random.chance(0.5) ? [{ role: 'assistant', tool_calls: calls(), ...extras() }, message('tool')] : []),
    message('assistant'),
  ];
  const response = (own: string) => [
    ...(random.chance(0.3) ? [{ role: 'assistant', tool_calls: calls() }, message('tool')] : []),
    { ...message('assistant'), content: `${own} ${text()}` },
  ];
  const prompt = [
    ...(random.chance(0.3) ? [message('system')] : []),
    ...(random.chance(0.5) ? turn() : []),
    { role: 'user', content: random.chance(0.2) ? [{ type: 'text', text: text() }] : text(), ...extras() },
    ...(random.chance(0.3) ? [{ role: 'assistant', tool_calls: calls() }, message('tool')] : []),
  ];
  return {
    prompt,
    chosen: response('good'),
    rejected: response('bad'),
    ...(random.chance(0.5) ? { tools: [{ name: text(), parameters: value() ?? {} }] } : {}),
    ...(random.chance(0.3) ? { chat_template_kwargs: { enable_thinking: random.chance(0.5) } } : {}),
  };
}

describe('seeded rows', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('%i go through every format unchanged', async (seed) => {
    const random = createRandom(seed, 'messages with all keys');
    const rows = Array.from({ length: 1 + random.integer(5) }, () => drawRow(random));
    const source = path.join(folder, `${seed}.jsonl`);
    await writeFile(source, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { pairs, skipped } = await readPairs(source);
    expect(skipped).toEqual([]);
    expect(pairs.map((pair) => rowOfPair(pair))).toEqual(rows);
    for (const ending of ['csv', 'parquet', 'jsonl.gz']) {
      const target = path.join(folder, `${seed}-again.${ending}`);
      expect(await convertPairs(source, target), ending).toMatchObject({ pairs: rows.length, skipped: 0 });
      expect((await readPairs(target)).pairs, ending).toEqual(pairs);
    }
    expect((await validatePairs(source)).faults).toEqual([]);
  });
});
