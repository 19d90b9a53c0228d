/** Tokenizers of four kinds and chat templates, against transformers: 500 seeded strings, every conversation. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createChatTemplate,
  createTokenizer,
  type ChatMessage,
  type Tokenizer,
  type TokenizerConfigJson,
  type TokenizerJson,
} from '../../src/model/index.js';
import { englishDate } from '../../src/model/englishDate.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface ChatCase {
  readonly template: string;
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly text?: string;
  readonly ids?: string;
  readonly error?: string;
}

const golden = readGolden<{
  texts: string[];
  kinds: Record<string, { encoded: string[]; decoded: Record<string, string>; chats: ChatCase[] }>;
}>('tokenizers.json');

const templateOf = (name: string) =>
  readFileSync(path.join(goldenFolder, 'chat_templates', `${name}.jinja`), 'utf8').replace(/\n$/, '');

function read(kind: string, change: object = {}, chatTemplate?: string): Tokenizer {
  const file = (name: string) => readGolden(path.join('tokenizers', kind, name));
  const config = { ...(file('tokenizer_config.json') as TokenizerConfigJson), ...change };
  return createTokenizer(
    file('tokenizer.json') as TokenizerJson,
    config,
    kind,
    chatTemplate === undefined ? {} : { chatTemplate },
  );
}

describe.each(Object.entries(golden.kinds))('%s', (kind, { encoded, decoded, chats }) => {
  test('500 strings have the same ids as with transformers', () => {
    const tokenizer = read(kind);
    expect(golden.texts).toHaveLength(500);
    const found = golden.texts.map((text) => tokenizer.encode(text).join(' '));
    const wrong = golden.texts.flatMap((text, index) =>
      found[index] === encoded[index] ? [] : [{ text, found: found[index], expected: encoded[index] }],
    );
    expect(wrong).toEqual([]);
  });

  test('ids have the same text as with transformers', () => {
    const tokenizer = read(kind);
    const wrong = golden.texts.flatMap((text, index) => {
      const ids = encoded[index] === '' ? [] : encoded[index]!.split(' ').map(Number);
      const expected = decoded[index] ?? text;
      const found = tokenizer.decode(ids);
      return found === expected ? [] : [{ ids, found, expected }];
    });
    expect(wrong).toEqual([]);
  });

  test('conversations are written, or refused, as by transformers', () => {
    for (const { template, messages, addGenerationPrompt, text, ids, error } of chats) {
      const tokenizer = read(kind, {}, templateOf(template));
      const render = () => tokenizer.chatTemplate!.render(messages, { addGenerationPrompt });
      if (error !== undefined) {
        expect(render).toThrow(error);
        continue;
      }
      expect(render()).toBe(text);
      expect(tokenizer.encodeChat(messages, { addGenerationPrompt }).join(' ')).toBe(ids);
    }
  });
});

describe('the source of a chat template', () => {
  const messages = [{ role: 'user', content: 'Hi' }];
  const render = (tokenizer: Tokenizer) => tokenizer.chatTemplate?.render(messages);

  test('tokenizer_config.json contains one, or a list of named ones; chat_template.jinja takes precedence', () => {
    expect(render(read('qwen', { chat_template: 'plain {{ eos_token }}' }))).toBe('plain <|im_end|>');
    const list = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: '{{ messages[0].content }}' },
    ];
    expect(render(read('qwen', { chat_template: list }))).toBe('Hi');
    expect(render(read('qwen', { chat_template: list }, 'file'))).toBe('file');
    expect(read('qwen').chatTemplate).toBeUndefined();
  });

  test('without one a conversation is refused, and the error says what to do', () => {
    expect(() => read('qwen').encodeChat(messages)).toThrow(/qwen has no chat template.*Give the prompt as text/);
  });

  test('one that is not Jinja, or not a text, is refused with the name of the file', () => {
    expect(() => read('qwen', { chat_template: '{% if %}' })).toThrow(
      /qwen: tokenizer_config\.json: the chat template cannot be read/,
    );
    expect(() => read('qwen', { chat_template: 7 })).toThrow(/chat_template is 7, expected a text/);
    expect(() => read('qwen', { chat_template: [] })).toThrow(/chat_template is \[\], expected a text or a list of/);
    expect(() => read('qwen', { chat_template: [{ name: 'default', template: 7 }] })).toThrow(
      /chat_template contains .*7.*, expected a text or a list of/,
    );
  });

  test('strftime_now writes the date in English on every machine', () => {
    const text = createChatTemplate('  {% if true %}{{ strftime_now("%d %b %Y, %B") }}{% endif %}', {}, 'date').render(
      [],
    );
    const now = new Date();
    const month = (length: 'short' | 'long') => now.toLocaleString('en', { month: length });
    const day = String(now.getDate()).padStart(2, '0');
    expect(text).toBe(`${day} ${month('short')} ${now.getFullYear()}, ${month('long')}`);
  });

  // Expected: Python 3.11, datetime(2024, 3, 5, 0, 7, 9).strftime(...) in the C locale.
  test("dates are written as Python's strftime writes them", () => {
    const date = new Date(2024, 2, 5, 0, 7, 9);
    expect(englishDate(date, '%A %a %d %B %b %Y %y %m %H:%M:%S %I %p %% %q')).toBe(
      'Tuesday Tue 05 March Mar 2024 24 03 00:07:09 12 AM % %q',
    );
  });
});

// Expected: tokenizers 0.23, Tokenizer.decode of the same ids.
test('bytes that are not text become one replacement character each', () => {
  const mistral = read('mistral');
  const bytes = (...values: number[]) => values.map((value) => 3 + value);
  expect(mistral.decode(bytes(0x61, 0xc3, 0xa9))).toBe('aé');
  expect(mistral.decode(bytes(0x61, 0xc3, 0xa9, 0xe2, 0x82))).toBe('\uFFFD'.repeat(5));
});

test('special tokens: the first of a prompt, the last of a response, the padding', () => {
  const llama = read('llama3');
  expect(llama.encodePrompt('a')).toEqual([llama.beginningOfSequence, ...llama.encodeResponse('a')]);
  expect(llama.encode('a', { addSpecialTokens: false })).toEqual(llama.encodeResponse('a'));
  expect(llama.padding).toBe(llama.endOfSequence);
  const qwen = read('qwen');
  expect(qwen.beginningOfSequence).toBeUndefined();
  expect(qwen.decode([qwen.padding, qwen.endOfSequence])).toBe('');
});
