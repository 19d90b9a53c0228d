/** Training and generation on a backend that cannot read synchronously: only asynchronous reads work in this file. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addAdapter, fromPretrained, type LanguageModel } from '../../src/model/index.js';
import { readPairs } from '../../src/preference.js';
import { tf, useBackend } from '../../src/tensor/index.js';
import { train, type Step, type StepMetrics, type TrainOptions } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-asynchronous-'));
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
const load = () => fromPretrained(path.join(goldenFolder, 'tiny-llama'));

async function twoSteps(model: LanguageModel, options: TrainOptions): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const step of train(model, pairs, { batchSize: 4, maxSteps: 2, learningRate: 1e-3, ...options })) {
    steps.push(step);
  }
  return steps;
}

/** What the same calls give with synchronous reads available. */
const expected = new Map<string, Step[]>();
/** Objectives that read only losses, a KL estimate too, and a reward shift too. */
const objectives = ['dpo', 'kto', 'bco'] as const;

beforeAll(async () => {
  await useBackend();
  for (const objective of objectives) expected.set(objective, await twoSteps(await load(), { objective }));
  const refuse = () => {
    throw new Error('This backend cannot read synchronously.');
  };
  // Below the engine a backend's kernels may read their own arguments, as tfjs-node's GatherV2 does with its axis.
  vi.spyOn(tf.engine(), 'readSync').mockImplementation(refuse);
  vi.spyOn(tf.Tensor.prototype, 'dataSync').mockImplementation(refuse);
  vi.spyOn(tf.Tensor.prototype, 'arraySync').mockImplementation(refuse);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test('synchronous reads fail here', () => {
  expect(() => tf.scalar(1).dataSync()).toThrow('cannot read synchronously');
});

test.each(objectives)('two steps of %s give the same numbers', async (objective) => {
  const steps = await twoSteps(await load(), { objective });
  expect(steps).toHaveLength(2);
  for (const [index, step] of steps.entries()) {
    for (const [name, value] of Object.entries(step)) {
      expect(value, name).toBeCloseTo(expected.get(objective)![index]![name as keyof StepMetrics], 5);
    }
  }
});

test('a checkpoint of a model and of an adapter can be saved and resumed', async () => {
  for (const model of [await load(), addAdapter(await load(), { rank: 2 })]) {
    const checkpoint = { folder: path.join(folder, model.adapter === undefined ? 'model' : 'adapter'), every: 1 };
    const referenceCache = path.join(folder, 'references');
    await twoSteps(model, { objective: 'kto', checkpoint, referenceCache, optimizer: 'rmsprop' });
    expect((await readdir(checkpoint.folder)).sort()).toEqual(['checkpoint-1', 'checkpoint-2']);
    const fresh = model.adapter === undefined ? await load() : addAdapter(await load(), { rank: 2 });
    const place = path.join(checkpoint.folder, 'checkpoint-1');
    const resumed = await twoSteps(fresh, {
      objective: 'kto',
      checkpoint,
      referenceCache,
      optimizer: 'rmsprop',
      resume: place,
    });
    expect(resumed.map(({ step }) => step)).toEqual([2]);
  }
});

test('a model generates, greedy and sampled, and streams', async () => {
  const model = await load();
  const prompts = pairs.slice(0, 3).map(({ prompt }) => prompt);
  expect(await model.generate(prompts, { maxNewTokens: 5 })).toHaveLength(3);
  const options = { maxNewTokens: 5, temperature: 1, seed: 1 };
  const [sampled] = await model.generate(prompts.slice(0, 1), options);
  let streamed = '';
  for await (const piece of model.stream(prompts[0]!, options)) streamed += piece;
  expect(streamed).toBe(sampled);
});
