/** Errors in text, tokenizer and chat template are found, counted and reported. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTokenizer, fromPretrained, LanguageModel } from '../../src/model/index.js';
import type { PreferencePair } from '../../src/preference.js';
import {
  prepareExamples,
  templateChecks,
  train,
  whyNotTrainable,
  type TemplateCheckId,
} from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const model = await fromPretrained(path.join(goldenFolder, 'chat-llama'));
const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + END + '\n' }}{% endfor %}";
const header = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
/** A correct template: it ends a turn with the tokenizer's end-of-sequence token. */
const right = chatml.replace('END', 'eos_token') + header;

function withTemplate(template: string, bos = '<s>'): LanguageModel {
  const { tokenizer, config } = model.tokenizer.files;
  const own = createTokenizer(tokenizer, { ...config, bos_token: bos, chat_template: template }, 'golden');
  return new LanguageModel(model.config, model.parameters, own);
}

const text: PreferencePair = { prompt: 'How much is it?', chosen: ' 12 coins', rejected: ' 3 coins' };
const chat: PreferencePair = {
  prompt: 'How much?',
  chosen: '12 coins',
  rejected: '3 coins',
  conversation: [{ role: 'user', content: 'How much?' }],
};
async function find(pairs: PreferencePair[], of = model, maxLength?: number) {
  const { findings } = await prepareExamples(of, pairs, maxLength);
  return Object.fromEntries(findings.map(({ check, count, of: all, firstPair }) => [check, [count, all, firstPair]]));
}

test('correct rows have no finding', async () => {
  expect(await find([text, text])).toEqual({});
  expect(await find([chat, chat], withTemplate(right))).toEqual({});
});

describe.each<[TemplateCheckId, PreferencePair, LanguageModel, [number, number]]>([
  ['double_bos', { ...text, prompt: '<s>How much is it?' }, model, [1, 2]],
  ['double_bos', { ...text, chosen: ' 12 <s> coins' }, model, [1, 2]],
  ['extra_eos', { ...text, chosen: ' 12</s> coins', rejected: ' 3</s></s>' }, model, [2, 4]],
  ['split_prompt', { ...text, prompt: 'The apple is un', chosen: 'happy' }, model, [1, 2]],
])('%s', (check, pair, of, [count, all]) => {
  test(`is found in ${JSON.stringify(pair)}`, async () => {
    expect(await find([text, pair], of)).toEqual({ [check]: [count, all, 2] });
  });
});

describe.each<[TemplateCheckId, PreferencePair, string, [number, number]]>([
  ['double_bos', chat, `{{ bos_token }}{{ bos_token }}${right}`, [1, 1]],
  ['missing_eos', chat, chatml.replace('END', "'<|im_end|>'") + header, [2, 2]],
  ['extra_eos', chat, chatml.replace('END', 'eos_token + eos_token') + header, [2, 2]],
  ['generation_prompt_in_response', chat, chatml.replace('END', 'eos_token'), [2, 2]],
  ['generation_prompt_in_response', { ...chat, rejected: '<|im_start|>assistant\n3 coins' }, right, [1, 2]],
  ['generation_prompt_in_response', { ...text, chosen: '<|im_start|>assistant\n3 coins' }, right, [1, 2]],
  ['split_prompt', chat, right.replace("assistant\n' }}{% endif", "assistant\n<think></think>' }}{% endif"), [1, 1]],
])('%s, with a chat template', (check, pair, template, [count, all]) => {
  test(`${template} on ${JSON.stringify(pair.chosen)}`, async () => {
    expect(await find([pair], withTemplate(template))).toEqual({ [check]: [count, all, 1] });
  });
});

describe('the max length', () => {
  const long = { ...text, rejected: ` ${'wonderful '.repeat(12)}` };
  const prompt = { ...text, prompt: 'How '.repeat(30) };

  test('cut responses and skipped pairs are counted', async () => {
    expect(await find([text, long, prompt], model, 20)).toEqual({
      truncated_responses: [1, 6, 2],
      no_room: [1, 3, 3],
    });
  });

  test('a run trains on the other pairs, and has the findings', async () => {
    const fresh = await fromPretrained(path.join(goldenFolder, 'chat-llama'));
    const run = train(fresh, [text, long, prompt], { objective: 'dpo', batchSize: 1, maxLength: 20 });
    for await (const { steps } of run) expect(steps).toBe(2);
    expect(run.findings.map(({ message }) => message)).toContain(
      'no_room: 1 of 3 pairs are skipped: the prompt alone fills the max length. Allow more tokens, or shorten it (first: pair 3).',
    );
  });

  test('a pair whose responses are equal after the cut is skipped and counted', async () => {
    const same = { ...text, chosen: ` ${'wonderful '.repeat(12)}`, rejected: ` ${'wonderful '.repeat(12)}3` };
    expect(await find([text, same], model, 20)).toEqual({ truncated_responses: [2, 4, 2], equal_after_cut: [1, 2, 2] });
    const { rows } = await prepareExamples(model, [text, same], 20);
    expect(rows).toHaveLength(1);
    await expect(prepareExamples(model, [same], 20)).rejects.toThrow(
      'No pair can be trained on: cut to the max length of 20 tokens, both responses of every pair are the same.',
    );
    expect(whyNotTrainable(model.tokenizer, model.config.maxPositions, same, 20)).toBe(
      'cut to 20 tokens, "chosen" and "rejected" have the same tokens, so there is no preference; allow more tokens, or remove the row',
    );
    expect(whyNotTrainable(model.tokenizer, model.config.maxPositions, same)).toBeUndefined();
  });

  test('if no pair has room for a response, training is refused', async () => {
    await expect(prepareExamples(model, [prompt], 20)).rejects.toThrow(
      'No pair can be trained on: every prompt alone fills the max length of 20 tokens.',
    );
  });
});

test('a conversation of several messages needs a template', async () => {
  const { tokenizer, config } = model.tokenizer.files;
  const plain = new LanguageModel(model.config, model.parameters, createTokenizer(tokenizer, config, 'golden'));
  const turns = [{ role: 'system', content: 'be brief' }, ...chat.conversation!];
  await expect(prepareExamples(plain, [{ ...chat, conversation: turns }])).rejects.toThrow(
    /Pair 1 of 1 cannot be trained on: the row is a conversation of 2 messages .* no chat template/,
  );
});

describe('a tokenizer whose beginning-of-sequence token opens a turn, as SmolLM2', () => {
  const opening = withTemplate(right, '<|im_start|>');

  test('has no finding for correct rows', async () => {
    expect(await find([chat, chat], opening)).toEqual({});
  });

  test('has one if the token is doubled at the beginning', async () => {
    expect(await find([chat], withTemplate(`{{ bos_token }}${right}`, '<|im_start|>'))).toEqual({
      double_bos: [1, 1, 1],
    });
  });
});

test('tools that the template does not write are counted', async () => {
  const tools = [{ type: 'function', function: { name: 'price_of' } }];
  expect(await find([chat, { ...chat, tools }], withTemplate(right))).toEqual({ unwritten_tools: [1, 2, 2] });
  const writing = withTemplate(`{% if tools %}{{ tools | tojson }}{% endif %}${right}`);
  expect(await find([chat, { ...chat, tools }], writing)).toEqual({});
});

test('every check has a test here', () => {
  expect(Object.keys(templateChecks).sort()).toEqual([
    'double_bos',
    'equal_after_cut',
    'extra_eos',
    'generation_prompt_in_response',
    'missing_eos',
    'no_room',
    'split_prompt',
    'truncated_responses',
    'unwritten_tools',
  ]);
});
