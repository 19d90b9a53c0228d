/** A random tiny Llama in two forms (grouped-query attention with its own head; tied embeddings), against transformers. */
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  fromPretrained,
  generateTokens,
  hiddenStates,
  sequenceBatch,
  logits,
  readSafetensors,
  writeSafetensors,
  type LanguageModel,
} from '../../src/model/index.js';
import { tf } from '../../src/tensor/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface GoldenModel {
  readonly forward: readonly { prompt: string; ids: number[]; logits: number[][] }[];
  readonly generate: readonly { prompt: string; ids: number[]; text: string }[];
}

const golden = readGolden<{ newTokens: number; models: Record<string, GoldenModel> }>('model.json');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-model-'));
});
afterAll(() => rm(scratch, { recursive: true }));

describe.each(Object.entries(golden.models))('%s', (name, expected) => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await fromPretrained(path.join(goldenFolder, name));
  });

  test('tokenizes as transformers does', () => {
    for (const { prompt, ids } of expected.forward) expect(model.tokenizer.encodePrompt(prompt)).toEqual(ids);
  });

  test('logits equal transformers within 1e-4', () => {
    for (const { ids, logits: expectedLogits } of expected.forward) {
      const found = allLogits(model, ids);
      const worst = Math.max(...expectedLogits.flat().map((value, index) => Math.abs(value - found[index]!)));
      expect(worst).toBeLessThan(1e-4);
    }
  });

  test('greedy generation is identical, one prompt at a time and padded into one batch', async () => {
    const prompts = expected.generate.map(({ prompt }) => prompt);
    const ids = prompts.map((prompt) => model.tokenizer.encodePrompt(prompt));
    const end = model.tokenizer.endOfSequence;
    const wanted = expected.generate.map((row) => row.ids.filter((id) => id !== end));
    const options = { maxNewTokens: golden.newTokens };
    expect(await generateTokens(model.parameters, model.config, ids, end, options)).toEqual(wanted);
    const alone = [];
    for (const prompt of ids)
      alone.push(...(await generateTokens(model.parameters, model.config, [prompt], end, options)));
    expect(alone).toEqual(wanted);
    expect(await model.generate(prompts, options)).toEqual(wanted.map((row) => model.tokenizer.decode(row)));
  });

  test('a model that is saved and read again is the same to the last bit', async () => {
    const folder = path.join(scratch, name);
    await model.save(folder);
    const again = await fromPretrained(folder);
    const { ids } = expected.forward[0]!;
    expect(allLogits(again, ids)).toEqual(allLogits(model, ids));
    expect(Object.keys(await readSafetensors(path.join(folder, 'model.safetensors')))).toEqual(
      Object.keys(model.parameters),
    );
    again.dispose();
  });
});

describe('sampling', () => {
  test('the same seed gives the same responses, with any other prompts in the batch; another seed gives others', async () => {
    const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const prompts = golden.models['tiny-llama']!.generate.map(({ prompt }) => prompt);
    const options = { temperature: 1, seed: 3, maxNewTokens: 12 };
    const together = await model.generate(prompts, options);
    expect(await model.generate([...prompts].reverse(), options)).toEqual([...together].reverse());
    expect(await model.generate(prompts, { ...options, seed: 4 })).not.toEqual(together);
  });

  test('draws follow softmax(logits / temperature)', async () => {
    const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const { ids } = golden.models['tiny-llama']!.forward[0]!;
    const temperature = 1.5;
    const last = allLogits(model, ids).slice(-model.config.vocabularySize);
    const weights = last.map((score) => Math.exp(score / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const draws = 4000;
    const counts = new Array<number>(weights.length).fill(0);
    const options = { temperature, seed: 1, maxNewTokens: 1 };
    for (const [token] of await generateTokens(
      model.parameters,
      model.config,
      Array<number[]>(draws).fill(ids),
      -1,
      options,
    )) {
      counts[token!]! += 1;
    }
    weights.forEach((weight, token) => {
      const probability = weight / total;
      const deviation = Math.sqrt((probability * (1 - probability)) / draws);
      expect(Math.abs(counts[token]! / draws - probability)).toBeLessThan(5 * deviation + 1e-3);
    });
  });
});

describe('a folder that is not a model is refused with the reason', () => {
  const broken = async (change: (folder: string) => Promise<unknown>) => {
    const folder = await mkdtemp(path.join(scratch, 'broken-'));
    await cp(path.join(goldenFolder, 'tiny-llama'), folder, { recursive: true });
    await change(folder);
    return fromPretrained(folder);
  };
  const setConfig = (folder: string, change: object) =>
    readFile(path.join(folder, 'config.json'), 'utf8').then((text) =>
      writeFile(path.join(folder, 'config.json'), JSON.stringify({ ...(JSON.parse(text) as object), ...change })),
    );

  test('a missing file is named', async () => {
    await expect(broken((folder) => rm(path.join(folder, 'tokenizer.json')))).rejects.toThrow(/has no tokenizer\.json/);
  });
  test('a file that is cut short is named with the tensor', async () => {
    await expect(broken((folder) => truncate(path.join(folder, 'model.safetensors'), 40_000))).rejects.toThrow(
      /cut short: '.+' ends at byte/,
    );
  });
  test('a wrong shape is named with both shapes', async () => {
    await expect(broken((folder) => setConfig(folder, { intermediate_size: 96 }))).rejects.toThrow(
      /'model\.layers\.0\.mlp\.gate_proj\.weight' has shape \[\d+, 32\], but config\.json needs \[96, 32\]/,
    );
  });
  test('an architecture that is not supported is refused', async () => {
    await expect(broken((folder) => setConfig(folder, { model_type: 'gpt2' }))).rejects.toThrow(/model_type is "gpt2"/);
  });
});

test('F16 and BF16 are read as the numbers that they represent', async () => {
  const file = path.join(scratch, 'halves.safetensors');
  const header = JSON.stringify({
    half: { dtype: 'F16', shape: [5], data_offsets: [0, 10] },
    brain: { dtype: 'BF16', shape: [2], data_offsets: [10, 14] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const halves = Uint16Array.from([0x3c00, 0xc000, 0x0001, 0x7bff, 0x3555, 0x3f80, 0xc049]);
  await writeFile(file, Buffer.concat([length, Buffer.from(header), Buffer.from(halves.buffer)]));
  const { half, brain } = await readSafetensors(file);
  expect([...half!.values]).toEqual([1, -2, 2 ** -24, 65504, 0.333251953125]);
  expect([...brain!.values]).toEqual([1, -3.140625]);
});

test('tensors survive a round trip through a file', async () => {
  const file = path.join(scratch, 'round.safetensors');
  const tensors = { 'a.weight': { shape: [2, 2], values: Float32Array.from([1, -2.5, 3e-30, 4e30]) } };
  await writeSafetensors(file, tensors);
  expect(await readSafetensors(file)).toEqual(tensors);
});

/** Logits of every token of one sequence, flat. */
function allLogits(model: LanguageModel, ids: readonly number[]): number[] {
  return tf.tidy(() => {
    const states = hiddenStates(model.parameters, model.config, sequenceBatch(ids));
    return Array.from(logits(model.parameters, model.config, states).dataSync());
  });
}
