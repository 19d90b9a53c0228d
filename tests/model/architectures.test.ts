/** A tiny random model of every architecture against transformers: logits, gradients, greedy generation with and without penalty. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  architectures,
  formatConfig,
  fromPretrained,
  generateTokens,
  initialParameters,
  parseConfig,
  samplingWeights,
  type LanguageModel,
  type SamplingOptions,
} from '../../src/model/index.js';
import { targetLogProbs, tf } from '../../src/tensor/index.js';
import { computeResponseLogProbs } from '../../src/training/responseLogProbs.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface Case {
  readonly prompt: string;
  readonly ids: number[];
  readonly logits: number[][];
  readonly greedy: number[];
  readonly penalised: number[];
  readonly ended: number[];
}

interface SamplingCase {
  readonly options: Record<keyof SamplingOptions, number | null>;
  readonly seen: number[];
  readonly scores: number[];
  readonly probabilities: number[];
}

const golden = readGolden<{
  newTokens: number;
  repetitionPenalty: number;
  models: Record<string, { cases: Case[]; gradients: Record<string, [norm: number, along: number]> }>;
  sampling: SamplingCase[];
}>('architectures.json');
const folderOf = (name: string) => path.join(goldenFolder, 'architectures', name);

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-architectures-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** The largest difference from the golden logits of any token of any case. */
function worstLogit(model: LanguageModel, cases: readonly Case[]): number {
  const differences = cases.map(({ ids, logits: expected }) => {
    const found = model.logits(ids);
    const values = found.dataSync();
    found.dispose();
    return Math.max(...expected.flat().map((value, index) => Math.abs(value - values[index]!)));
  });
  return Math.max(...differences);
}

describe.each(Object.entries(golden.models))('%s', (name, { cases, gradients }) => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await fromPretrained(folderOf(name));
  });
  afterAll(() => model.dispose());

  test('logits equal transformers within 1e-4', () => {
    expect(worstLogit(model, cases)).toBeLessThan(1e-4);
  });

  test('gradients equal transformers within 1e-4 of their norm, by two numbers per tensor', () => {
    const { ids } = cases.at(-1)!;
    const length = ids.length;
    const { value, grads } = tf.variableGrads(() => {
      const scores = tf.slice(model.logits(ids), 0, length - 1);
      return tf.sum<tf.Scalar>(tf.neg(targetLogProbs(scores, tf.tensor1d(ids.slice(1), 'int32'))));
    }, Object.values(model.trainable));
    expect(Object.keys(model.parameters).sort()).toEqual(Object.keys(gradients).sort());
    for (const [key, [norm, along]] of Object.entries(gradients)) {
      const found = grads[model.parameters[key]!.name]!.dataSync<'float32'>();
      const foundNorm = Math.sqrt(found.reduce((sum, entry) => sum + entry ** 2, 0));
      const foundAlong = found.reduce((sum, entry, index) => sum + entry * Math.cos(index), 0);
      expect({ key, off: Math.abs(foundNorm - norm) > 1e-4 * Math.max(1, norm) }).toEqual({ key, off: false });
      expect({ key, off: Math.abs(foundAlong - along) > 1e-4 * Math.max(1, norm) }).toEqual({ key, off: false });
    }
    tf.dispose([value, grads]);
  });

  test('two responses in one prefix tree have the log-probabilities of two sequences: windows count along a branch', async () => {
    const prompt = cases[0]!.ids;
    const responses = [
      [9, 4, 30, 31, 32, 33, 34, 35],
      [9, 4, 40, 41, 42, 43, 44, 45, 46, 47],
    ];
    const inTree = await computeResponseLogProbs(model.parameters, model.config, [{ prompt, responses }]);
    const apart = await computeResponseLogProbs(
      model.parameters,
      model.config,
      responses.map((response) => ({ prompt, responses: [response] })),
    );
    inTree.forEach((sum, index) => expect(Math.abs(sum - apart[index]!)).toBeLessThan(1e-4 * Math.abs(apart[index]!)));
  });

  test('64 greedy tokens are the same, alone and padded into one batch, with a penalty and without', async () => {
    const prompts = cases.map(({ ids }) => ids);
    const generate = (rows: number[][], ends: readonly number[], repetitionPenalty: number) =>
      generateTokens(model.parameters, model.config, rows, ends, {
        maxNewTokens: golden.newTokens,
        repetitionPenalty,
      });
    expect(await generate(prompts, [], 1)).toEqual(cases.map(({ greedy }) => greedy));
    const alone = [];
    for (const prompt of prompts) alone.push(...(await generate([prompt], [], 1)));
    expect(alone).toEqual(cases.map(({ greedy }) => greedy));
    expect(await generate(prompts, [], golden.repetitionPenalty)).toEqual(cases.map(({ penalised }) => penalised));
    const ended = cases.map((row) => row.ended.filter((id) => !model.endOfSequence.includes(id)));
    expect(await generate(prompts, model.endOfSequence, golden.repetitionPenalty)).toEqual(ended);
  });

  test('saved whole or in shards it is the same model, and its other files are unchanged', async () => {
    for (const maxShardBytes of [undefined, 30_000]) {
      // Into the same folder: the shards must be read although the earlier save wrote one file.
      const folder = path.join(scratch, name);
      await model.save(folder, maxShardBytes === undefined ? {} : { maxShardBytes });
      const weights = (await readdir(folder)).filter((file) => file.endsWith('.safetensors'));
      expect(weights.length > 1).toBe(maxShardBytes !== undefined);
      const again = await fromPretrained(folder);
      const copied = again.logits(cases[0]!.ids);
      const original = model.logits(cases[0]!.ids);
      expect(copied.dataSync()).toEqual(original.dataSync());
      tf.dispose([copied, original]);
      again.dispose();
      const read = (from: string, file: string) => readFile(path.join(from, file), 'utf8');
      for (const file of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
        expect(await read(folder, file)).toBe(await read(folderOf(name), file));
      }
      const config = JSON.parse(await read(folder, 'config.json')) as Record<string, unknown>;
      const {
        dtype,
        torch_dtype: old,
        ...others
      } = JSON.parse(await read(folderOf(name), 'config.json')) as typeof config;
      expect(config).toEqual({ ...others, [dtype === undefined ? 'torch_dtype' : 'dtype']: 'float32' });
      expect(dtype ?? old).toMatch(/float16$/);
    }
  });

  test('a fresh config.json means the same as the one that was read', () => {
    const { source, ...config } = model.config;
    expect(source).toBeDefined();
    const { source: written, ...again } = parseConfig(formatConfig(config), 'written');
    expect(again).toEqual(config);
    expect(written).toBeDefined();
  });
});

test('every architecture of the table is among the goldens', () => {
  const covered = Object.keys(golden.models).map(
    (name) => parseConfig(readGolden(`architectures/${name}/config.json`), name).architecture!,
  );
  expect(new Set(covered)).toEqual(new Set(Object.keys(architectures)));
});

test('llama3 ends at every token that generation_config.json names', async () => {
  const model = await fromPretrained(folderOf('llama3'));
  expect(model.endOfSequence).toEqual([2, 40, 41]);
  model.dispose();
});

test('the tokens that can be drawn after penalty, temperature, top-k and top-p are those of transformers', () => {
  for (const { options, seen, scores, probabilities } of golden.sampling) {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null)) as SamplingOptions;
    const weights = samplingWeights(Float32Array.from(scores), new Set(seen), given);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const worst = Math.max(...probabilities.map((value, token) => Math.abs(value - weights[token]! / total)));
    expect(worst).toBeLessThan(1e-6);
    expect([...weights].map((weight) => weight > 0)).toEqual(probabilities.map((value) => value > 0));
  }
});

describe('config.json', () => {
  const plain = {
    model_type: 'qwen2',
    vocab_size: 64,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 6,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  };
  const parse = (change: object) => parseConfig({ ...plain, ...change }, 'config.json');

  // The defaults are those of transformers 5.24's configuration classes.
  test("a missing field has transformers' default", () => {
    expect(parse({ model_type: 'smollm3', num_key_value_heads: undefined })).toMatchObject({
      keyValueHeads: 4,
      ropeTheta: 2_000_000,
      tiedEmbeddings: true,
      unrotatedLayers: [3],
    });
    expect(parse({ model_type: 'qwen3' }).headSize).toBe(128);
    expect(parse({ model_type: 'mistral' }).windows).toEqual(Array(6).fill(4096));
    expect(parse({ model_type: 'mistral', sliding_window: null }).windows).toBeUndefined();
    expect(parse({ sliding_window: 4 }).windows).toBeUndefined();
    expect(parse({ sliding_window: 4, use_sliding_window: true, max_window_layers: 4 }).windows).toEqual([
      null,
      null,
      null,
      null,
      4,
      4,
    ]);
    expect(parse({ model_type: 'llama', num_key_value_heads: null }).keyValueHeads).toBe(4);
  });

  test.each([
    [{ model_type: 'gpt_neox' }, /model_type is "gpt_neox"; supported are llama, mistral, qwen2, qwen3, smollm3/],
    [{ hidden_act: 'gelu' }, /hidden_act is "gelu"/],
    [
      { rope_scaling: { type: 'yarn', factor: 4 } },
      /rope type in rope_scaling is "yarn"; supported are default, linear/,
    ],
    [{ rope_parameters: { rope_type: 'linear' } }, /rope_parameters\.factor is missing/],
    [{ quantization_config: { quant_method: 'gptq' } }, /quantized/],
    [{ num_hidden_layers: 1e9 }, /num_hidden_layers is 1000000000, expected a positive whole number \(at most 10000\)/],
    [{ hidden_size: -32 }, /hidden_size is -32/],
    [{ num_key_value_heads: 3 }, /not a multiple/],
    [{ layer_types: ['full_attention'] }, /layer_types is \["full_attention"\], expected a list of 6/],
    [{ layer_types: Array(6).fill('sliding_attention') }, /sliding_window is missing/],
    [{ tie_word_embeddings: 'yes' }, /tie_word_embeddings is "yes", expected true or false/],
    [{ eos_token_id: ['2'] }, /eos_token_id is \["2"\]/],
  ])('%j is refused with the name of the field', (change, message) => {
    expect(() => parse(change)).toThrow(message);
  });
});

test('a fresh model of any architecture can be made from a configuration alone', async () => {
  for (const name of Object.keys(golden.models)) {
    const config = parseConfig(readGolden(`architectures/${name}/config.json`), name);
    const parameters = initialParameters(config, 1);
    const [first] = await generateTokens(parameters, config, [[1, 5, 9]], [], { maxNewTokens: 1 });
    expect(first).toHaveLength(1);
    tf.dispose(parameters);
  }
});
