/** Checkpoints: their content, resumed runs that equal uninterrupted ones to the last bit, and refused checkpoints. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { addAdapter, fromPretrained } from '../../src/model/index.js';
import { readPairs } from '../../src/preference.js';
import { tf, useBackend } from '../../src/tensor/index.js';
import { listCheckpoints, train, type Step, type StepMetrics, type TrainOptions } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const base = await mkdtemp(path.join(os.tmpdir(), 'apolab-resume-'));
afterAll(() => rm(base, { recursive: true }));
// This backend has one thread that adds in one order, so a run's numbers are the same to the last bit.
await useBackend('wasm');
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
let folders = 0;
const newFolder = () => path.join(base, `run-${folders++}`);

const options = {
  objective: 'kto',
  batchSize: 2,
  gradientAccumulation: 2,
  epochs: 5,
  learningRate: 1e-3,
  schedule: 'cosine',
  warmupRatio: 0.2,
  optimizer: { weightDecay: 0.1 },
  evaluate: { every: 3, run: (_: unknown, step: StepMetrics) => ({ twice: 2 * step.loss }) },
} satisfies TrainOptions;

/** Runs on a fresh model and leaves the loop after `until` steps, as a killed process would. */
async function go(more: Partial<TrainOptions>, until = Infinity) {
  const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
  const run = train(model, pairs, { ...options, ...more });
  let seen = 0;
  for await (const step of run) {
    seen += 1;
    if (step.step === until) break;
  }
  const weights = Object.values(model.parameters).map((tensor) => [...tensor.dataSync()]);
  model.dispose();
  return { history: run.history, weights, seen, run };
}

const whole = await go({});

describe('a run that continues from a checkpoint', () => {
  test.each([2, 5, 9])(
    'after step %i has the history and the weights of one that was never interrupted',
    async (until) => {
      const checkpoint = { folder: newFolder(), every: 2 };
      await go({ checkpoint }, until);
      const second = await go({ checkpoint, resume: true });
      expect(second.seen).toBe(10 - 2 * Math.floor((until - 1) / 2));
      expect(second.history).toEqual(whole.history);
      expect(second.weights).toEqual(whole.weights);
    },
  );

  test('works with another optimizer, and with the path of a checkpoint', async () => {
    const more = { optimizer: { name: 'rmsprop', momentum: 0.5 }, learningRate: 1e-4 } as const;
    const folder = newFolder();
    const uninterrupted = await go(more);
    await go({ ...more, checkpoint: { folder, every: 3 } }, 7);
    const second = await go({ ...more, resume: path.join(folder, 'checkpoint-3') });
    expect(second.history).toEqual(uninterrupted.history);
    expect(second.weights).toEqual(uninterrupted.weights);
  });

  test('keeps a learning rate that the caller changed', async () => {
    const checkpoint = { folder: newFolder(), every: 1 };
    const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const run = train(model, pairs, { ...options, schedule: 'constant', warmupRatio: 0, checkpoint });
    for await (const { step } of run) {
      if (step === 2) run.learningRate = 5e-4;
      if (step === 4) break;
    }
    const { history } = await go({ schedule: 'constant', warmupRatio: 0, checkpoint, resume: true });
    expect(history.map((step) => step.learning_rate)).toEqual([1e-3, 1e-3, ...Array<number>(8).fill(5e-4)]);
  });

  test('takes no step if the run had ended, after its last step or by an early stop', async () => {
    const checkpoint = { folder: newFolder() };
    await go({ checkpoint });
    expect(await go({ checkpoint, resume: true })).toMatchObject({
      seen: 0,
      history: whole.history,
      weights: whole.weights,
    });
    const earlyStop = { metric: 'step', patience: 2, mode: 'min' } as const;
    const stopping = { earlyStop, checkpoint: { folder: newFolder(), every: 1 } };
    const first = await go(stopping);
    expect(first.seen).toBe(3);
    expect(await go({ ...stopping, resume: true })).toMatchObject({ seen: 0, history: first.history });
  });

  test('starts at step 1 if there is no checkpoint', async () => {
    const { history } = await go({ checkpoint: { folder: newFolder() }, resume: true });
    expect(history).toEqual(whole.history);
  });

  test('leaves no tensors behind', async () => {
    const checkpoint = { folder: newFolder(), every: 2 };
    const before = tf.memory().numTensors;
    await go({ checkpoint }, 5);
    await go({ checkpoint, resume: true });
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('an adapter is saved alone, and its run continues to the last bit; its reference is the base', async () => {
  const checkpoint = { folder: newFolder(), every: 2 };
  const referenceCache = newFolder();
  const adapted = async (more: Partial<TrainOptions>, until = Infinity, rank = 4) => {
    const base = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const model = addAdapter(base, { rank, seed: 1 });
    const run = train(model, pairs, { ...options, referenceCache, ...more });
    for await (const { step } of run) if (step === until) break;
    const weights = Object.values(model.parameters).map((tensor) => [...tensor.dataSync()]);
    model.dispose();
    return { history: run.history, weights, source: run.referenceSource?.kind };
  };
  await go({ referenceCache });
  const uninterrupted = await adapted({});
  expect(uninterrupted.source).toBe('cached');
  await adapted({ checkpoint }, 5);
  expect(await readdir(path.join(checkpoint.folder, 'checkpoint-4'))).toEqual(
    expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']),
  );
  expect(await adapted({ checkpoint, resume: true })).toEqual(uninterrupted);
  await expect(adapted({ checkpoint, resume: true }, Infinity, 8)).rejects.toThrow(
    /adapter was .*"rank":4.*, is .*"rank":8/,
  );
});

test('only the newest checkpoints are kept, each with model, optimizer and state', async () => {
  const folder = newFolder();
  await go({ checkpoint: { folder, every: 2, keep: 3 } });
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-10', 'checkpoint-6', 'checkpoint-8']);
  expect((await listCheckpoints(folder)).map((place) => path.basename(place))).toEqual([
    'checkpoint-10',
    'checkpoint-8',
    'checkpoint-6',
  ]);
  expect(await readdir(path.join(folder, 'checkpoint-6'))).toEqual(
    expect.arrayContaining(['config.json', 'model.safetensors', 'optimizer.safetensors', 'trainer_state.json']),
  );
  const model = await fromPretrained(path.join(folder, 'checkpoint-10'));
  expect(Object.values(model.parameters).map((tensor) => [...tensor.dataSync()])).toEqual(whole.weights);
  model.dispose();
});

test('the caller can save between any two steps', async () => {
  const folder = newFolder();
  const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
  const run = train(model, pairs, { ...options, checkpoint: { folder } });
  await expect(run.save()).rejects.toThrow('There is nothing to save before the first step');
  for await (const { step } of run) {
    if (step < 4) continue;
    expect(await run.save()).toBe(path.join(folder, 'checkpoint-4'));
    run.stop();
  }
  const { history } = await go({ checkpoint: { folder }, resume: true });
  expect(history).toEqual(whole.history);
});

describe('a checkpoint of another run is refused, and the error names the differences:', () => {
  const folder = newFolder();
  const checkpoint = { folder, every: 2 };
  test.each([
    [{ learningRate: 2e-3 }, /learningRate was 0.001, is 0.002/],
    [{ optimizer: 'rmsprop' }, /optimizer was {"name":"adamw".*}, is {"name":"rmsprop"/],
    [{ maxLength: 20 }, /maxLength was not given, is 20/],
    [{ objectiveOptions: { beta: 0.5 } }, /objectiveOptions was .*0\.1.*, is .*0\.5/],
  ] as const)('%j', async (more, message) => {
    await go({ checkpoint }, 3);
    await expect(go({ ...more, checkpoint, resume: true })).rejects.toThrow(message);
  });

  test("another model's weights, other pairs", async () => {
    await go({ checkpoint }, 3);
    const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    model.parameters['model.norm.weight']!.assign(tf.zeros([32]));
    const drain = async (run: AsyncIterable<Step>) => {
      for await (const step of run) expect(step).toBeUndefined();
    };
    const other = train(model, pairs.slice(1), { ...options, checkpoint, resume: true });
    await expect(drain(other)).rejects.toThrow(
      "what differs: the model's weights; the rows' tokens or labels (rows, tokenizer or chat template)",
    );
  });
});

test('a damaged checkpoint is an error that says how to continue', async () => {
  const checkpoint = { folder: newFolder(), every: 2 };
  await go({ checkpoint }, 6);
  const place = path.join(checkpoint.folder, 'checkpoint-4');
  await truncate(path.join(place, 'optimizer.safetensors'), 1000);
  await expect(go({ checkpoint, resume: true })).rejects.toThrow(/optimizer\.safetensors/);
  await writeFile(
    path.join(place, 'trainer_state.json'),
    (await readFile(path.join(place, 'trainer_state.json'), 'utf8')).slice(0, 200),
  );
  await expect(go({ checkpoint, resume: true })).rejects.toThrow(
    /trainer_state\.json cannot be read .* Remove .*checkpoint-4 to continue/,
  );
  await rm(place, { recursive: true });
  expect((await go({ checkpoint, resume: true })).history).toEqual(whole.history);
});

test('resume without a folder is refused', async () => {
  await expect(go({ resume: true })).rejects.toThrow(/give checkpoint: { folder/);
});
