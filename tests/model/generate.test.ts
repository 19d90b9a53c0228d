/** Generated text: streams, stop strings, conversations, options; on a random model with a byte-level vocabulary. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTokenizer,
  generateTokens,
  initialParameters,
  LanguageModel,
  type GenerateOptions,
  type ModelConfig,
  type TokenizerConfigJson,
  type TokenizerJson,
} from '../../src/model/index.js';
import type { jupyterDisplay } from '../../src/core/display.js';
import { parseGenerationConfig } from '../../src/model/generationConfig.js';
import { ResponseText } from '../../src/model/responseText.js';
import { tf, useBackend } from '../../src/tensor/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

const config: ModelConfig = {
  vocabularySize: 640,
  hiddenSize: 16,
  intermediateSize: 16,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 8,
  maxPositions: 256,
  normEpsilon: 1e-6,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
};

let model: LanguageModel;
beforeAll(async () => {
  await useBackend();
  const tokenizer = createTokenizer(
    readGolden<TokenizerJson>('tokenizers/qwen/tokenizer.json'),
    readGolden<TokenizerConfigJson>('tokenizers/qwen/tokenizer_config.json'),
    'qwen',
    {
      chatTemplate: readFileSync(path.join(goldenFolder, 'chat_templates/qwen2.5.jinja'), 'utf8'),
      vocabularySize: 640,
    },
  );
  model = new LanguageModel(config, initialParameters(config, 3), tokenizer);
});
afterAll(() => model.dispose());

async function pieces(prompt: string, options: GenerateOptions): Promise<string[]> {
  const result: string[] = [];
  for await (const piece of model.stream(prompt, options)) result.push(piece);
  return result;
}

describe('a stream', () => {
  test('gives in pieces what generate gives at once, and leaves no tensors behind, even if it ends early', async () => {
    const before = tf.memory().numTensors;
    for (let seed = 0; seed < 10; seed++) {
      const options = { temperature: 1.5, seed, maxNewTokens: 40 };
      const [whole] = await model.generate(['Once'], options);
      const parts = await pieces('Once', options);
      expect(parts.join('')).toBe(whole);
      expect(parts.length).toBeGreaterThan(5);
      expect(parts).not.toContain('');
    }
    for await (const piece of model.stream('Once', { maxNewTokens: 40 })) {
      expect(piece).not.toBe('');
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('never splits a character', () => {
    // One token per byte, as in a byte-level vocabulary; given text never changes later.
    const bytes = new TextEncoder().encode('a€😀é');
    const decode = (ids: readonly number[]) => new TextDecoder().decode(Uint8Array.from(ids));
    const text = new ResponseText(decode, []);
    expect([...bytes].map((byte) => text.add(byte))).toEqual(['a', '', '', '€', '', '', '', '😀', '', 'é']);
    expect(text.finish()).toBe('');
    const cut = new ResponseText(decode, []);
    expect([0x61, 0xe2, 0x82].map((byte) => cut.add(byte))).toEqual(['a', '', '']);
    expect(cut.finish()).toBe('\uFFFD');
  });

  test('holds back text that the cleanup can still change', () => {
    const tidy = (ids: readonly number[]) => String.fromCharCode(...ids).replaceAll(" n't", "n't");
    const text = new ResponseText(tidy, [], [" n't"]);
    const parts = Array.from("do n't no").map((letter) => text.add(letter.charCodeAt(0)));
    expect([...parts, text.finish()].join('')).toBe("don't no");
  });
});

describe('stop strings', () => {
  test('cut the text exactly before the first of them, in a batch and in a stream', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const options = { temperature: 1.5, seed, maxNewTokens: 40 };
      const prompts = ['Once', 'Twice'];
      const whole = await model.generate(prompts, options);
      const letters = Array.from(whole[0]!);
      // One that spans several tokens, and one that never occurs.
      const stop = [letters.slice(12, 15).join(''), 'never ever'];
      const cut = whole.map((text) => (text.includes(stop[0]!) ? text.slice(0, text.indexOf(stop[0]!)) : text));
      expect(await model.generate(prompts, { ...options, stop })).toEqual(cut);
      expect((await pieces('Once', { ...options, stop })).join('')).toBe(cut[0]);
    }
  });

  test('the earliest counts if two come with one token, and a partial stop string is not a stop', () => {
    const words = ['ab', 'c STOP and END', 'x'];
    const decode = (ids: readonly number[]) => ids.map((id) => words[id]).join('');
    const text = new ResponseText(decode, ['END', 'STOP', 'bd']);
    expect([text.add(0), text.add(1), text.stopped, text.add(2), text.finish()]).toEqual(['a', 'bc ', true, '', '']);
    const unstopped = new ResponseText(decode, ['abx!']);
    expect([unstopped.add(0), unstopped.add(2), unstopped.finish()]).toEqual(['', '', 'abx']);
  });

  test('an empty one is refused', async () => {
    await expect(model.generate(['a'], { stop: [''] })).rejects.toThrow(/stop string is empty/);
  });
});

test('a conversation is answered through the chat template, opened for the assistant', async () => {
  const messages = [{ role: 'user', content: 'Grüße' }];
  const prompt = model.tokenizer.chatTemplate!.render(messages, { addGenerationPrompt: true });
  expect(prompt).toMatch(/<\|im_start\|>user\nGrüße<\|im_end\|>\n<\|im_start\|>assistant\n$/);
  const ids = model.tokenizer.encode(prompt, { addSpecialTokens: false });
  const [tokens] = await generateTokens(model.parameters, config, [ids], model.endOfSequence, { maxNewTokens: 10 });
  const answer = model.tokenizer.decode(tokens!);
  expect(await model.chat(messages, { maxNewTokens: 10 })).toBe(answer);
  expect(await model.generate([messages, 'a text'], { maxNewTokens: 10 })).toEqual([
    answer,
    ...(await model.generate(['a text'], { maxNewTokens: 10 })),
  ]);
});

describe('options', () => {
  test('the most likely token is the greedy one, at any temperature', async () => {
    const greedy = await model.generate(['Once'], { maxNewTokens: 20 });
    expect(await model.generate(['Once'], { maxNewTokens: 20, temperature: 3, topK: 1 })).toEqual(greedy);
    expect(await model.generate(['Once'], { maxNewTokens: 20, temperature: 3, topP: 1e-6 })).toEqual(greedy);
  });

  test.each([
    [{ temperature: -1 }, /temperature is -1, expected 0 \(greedy\) or a number above 0/],
    [{ temperature: NaN }, /temperature is NaN/],
    [{ topK: 0 }, /topK is 0, expected a positive whole number/],
    [{ topP: 1.5 }, /topP is 1.5/],
    [{ repetitionPenalty: 0 }, /repetitionPenalty is 0/],
    [{ maxNewTokens: -1 }, /maxNewTokens is -1/],
  ])('%j is refused with its name', async (options, message) => {
    await expect(model.generate(['a'], options)).rejects.toThrow(message);
  });

  test('prompts without a token, or with more tokens than the model has positions, are refused with their number', async () => {
    await expect(model.generate(['a', ''])).rejects.toThrow(/Prompt 2 of 2 has no token/);
    await expect(model.generate(['0'.repeat(300)])).rejects.toThrow(/Prompt 1 of 1 has 300 tokens; the model has 256/);
    expect(() => model.logits([5, 640])).toThrow(/holds 640; expected ids from 0 to 639/);
    expect(await model.generate([])).toEqual([]);
  });

  test('generation_config.json gives the recommended options, and only those in the file', () => {
    const parse = (json: object) => parseGenerationConfig(JSON.stringify(json), 'generation_config.json');
    const llama = { do_sample: true, temperature: 0.6, top_p: 0.9, eos_token_id: [5, 7] };
    expect(parse(llama)).toMatchObject({ endOfSequence: [5, 7], defaults: { temperature: 0.6, topP: 0.9, topK: 50 } });
    expect(parse({ temperature: 0.6, repetition_penalty: 1.1 }).defaults).toEqual({ repetitionPenalty: 1.1 });
    expect(parse({ do_sample: true, top_k: 0 }).defaults).toEqual({ temperature: 1 });
    expect(() => parse({ do_sample: true, temperature: 'warm' })).toThrow(
      /generation_config\.json: temperature is "warm"/,
    );
  });
});

describe('a batch', () => {
  // Of different lengths, three of them equal; the longest spans several tiles of the cache.
  const prompts = ['Once', 'Twice upon', 'Once', 'a'.repeat(70), 'Once', 'The end', 'x', '0'.repeat(130)];

  test.each([{}, { temperature: 1.2, topK: 40, topP: 0.9, seed: 4 }, { repetitionPenalty: 1.3 }])(
    'of any size gives the same with %j: responses end at different times, and the next prompts take their places',
    async (options: GenerateOptions) => {
      const ids = prompts.map((prompt) => model.tokenizer.encodePrompt(prompt));
      const generate = (some: number[][], batchSize: number) =>
        generateTokens(model.parameters, config, some, [5, 17, 300, 301, 302, 303], {
          ...options,
          batchSize,
          maxNewTokens: 90,
        });
      const before = tf.memory().numTensors;
      const all = await generate(ids, 64);
      expect(tf.memory().numTensors).toBe(before);
      for (const size of [1, 3]) expect(await generate(ids, size)).toEqual(all);
      // Equal prompts share their computation, not their draws.
      if (options.temperature === undefined) expect(all[2]).toEqual(all[0]);
      else expect(all[2]).not.toEqual(all[0]);
      expect((await generate([ids[7]!], 1))[0]).toEqual(all[7]);
    },
  );

  test('continues a prompt of more tokens than go through the layers at a time as the whole sequence would', async () => {
    const ids = Array.from({ length: 1100 }, (_, index) => (index * 37) % 640);
    const [response] = await generateTokens(model.parameters, { ...config, maxPositions: 2048 }, [ids], [], {
      maxNewTokens: 3,
    });
    const scores = tf.tidy(() => tf.argMax(model.logits([...ids, ...response!]), 1).dataSync<'int32'>());
    expect(response).toEqual([...scores.slice(1099, 1102)]);
    expect(response).toHaveLength(3);
  });

  test.each([0, 1.5])('of %d prompts at a time is refused', async (batchSize) => {
    await expect(model.generate(['a'], { batchSize })).rejects.toThrow(`batchSize is ${batchSize}, expected a whole`);
  });
});

test('a notebook shows architecture and size of a model', () => {
  // 640 x 16 for the embedding; a layer of 16 x (16 + 8 + 8 + 16) for attention, 3 x 16 x 16 and two norms; a norm.
  expect(model[Symbol.for('Jupyter.display') as typeof jupyterDisplay]()).toEqual({
    'text/plain': 'policy: llama, 11,824 parameters, 1 layer of 16, a vocabulary of 640',
  });
});

test('scores that are not numbers choose no token', async () => {
  const parameters = { ...model.parameters };
  parameters['model.norm.weight'] = tf.variable(tf.fill([16], NaN));
  await expect(generateTokens(parameters, config, [[1]], [])).rejects.toThrow(/scores that are not finite numbers/);
  parameters['model.norm.weight'].dispose();
});
