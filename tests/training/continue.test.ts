/** Runs whose loop was left and that continue: they equal uninterrupted ones to the last bit. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { progressOf } from '../../src/core/followed.js';
import { addAdapter, fromPretrained, type LanguageModel } from '../../src/model/index.js';
import { readPairs } from '../../src/preference.js';
import { tf, useBackend } from '../../src/tensor/index.js';
import { train, type StepMetrics, type TrainingRun, type TrainOptions } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

// This backend has one thread that adds in one order, so a run's numbers are the same to the last bit.
await useBackend('wasm');
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
const newModel = () => fromPretrained(path.join(goldenFolder, 'tiny-llama'));

const options = {
  objective: 'kto',
  batchSize: 2,
  gradientAccumulation: 2,
  epochs: 4,
  learningRate: 1e-3,
  schedule: 'cosine',
  warmupRatio: 0.2,
  optimizer: { weightDecay: 0.1 },
  evaluate: { every: 3, run: (_: unknown, step: StepMetrics) => ({ twice: 2 * step.loss }) },
} satisfies TrainOptions;

const weightsOf = (model: LanguageModel) => Object.values(model.trainable).map((tensor) => [...tensor.dataSync()]);

/** The steps of the next loop over the run, up to step `until`. */
async function loop(run: TrainingRun, until = Infinity) {
  const seen: number[] = [];
  for await (const { step } of run) {
    seen.push(step);
    if (step === until) break;
  }
  return seen;
}

async function uninterrupted(more: Partial<TrainOptions> = {}, model?: LanguageModel) {
  const trained = model ?? (await newModel());
  const run = train(trained, pairs, { ...options, ...more });
  await loop(run);
  return { history: run.history, weights: weightsOf(trained) };
}

test.each(['kto', 'bco', 'apo_zero'])('a run of %s continues where its loop was left, twice', async (objective) => {
  const whole = await uninterrupted({ objective });
  const model = await newModel();
  const run = train(model, pairs, { ...options, objective });
  expect(await loop(run, 1)).toEqual([1]);
  expect(await loop(run, 5)).toEqual([2, 3, 4, 5]);
  expect(await loop(run)).toEqual([6, 7, 8]);
  expect(await loop(run)).toEqual([]);
  expect(run.history).toEqual(whole.history);
  expect(weightsOf(model)).toEqual(whole.weights);
});

test('a run of an adapter continues, too', async () => {
  const adapted = async () => addAdapter(await newModel(), { rank: 4, seed: 1 });
  const whole = await uninterrupted({}, await adapted());
  const model = await adapted();
  const run = train(model, pairs, options);
  await loop(run, 3);
  await loop(run);
  expect(run.history).toEqual(whole.history);
  expect(weightsOf(model)).toEqual(whole.weights);
});

test('a paused run holds no tensors, a continued one as many as before, and a finished one none', async () => {
  const model = await newModel();
  const before = tf.memory().numTensors;
  const run = train(model, pairs, options);
  const counts = new Set<number>();
  for (const until of [2, 4, 8]) {
    for await (const { step } of run) {
      counts.add(tf.memory().numTensors);
      if (step === until) break;
    }
    expect(tf.memory().numTensors).toBe(before);
  }
  expect(counts.size).toBe(1);
  await loop(run);
  expect(tf.memory().numTensors).toBe(before);
});

test('return() while a step waits for its turn takes no step', async () => {
  const run = train(await newModel(), pairs, options);
  await loop(run, 2);
  const [step, end] = await Promise.all([run.next(), run.return()]);
  expect([step.done, end.done, run.history.length]).toEqual([true, true, 2]);
  expect(await loop(run)).toEqual([3, 4, 5, 6, 7, 8]);
});

test('a step that ends after its loop was left is the first one of the next loop', async () => {
  const whole = await uninterrupted();
  let left: Promise<unknown> | undefined;
  const evaluate = (_: unknown, { loss }: StepMetrics) => {
    left ??= run.return();
    return { twice: 2 * loss };
  };
  const run: TrainingRun = train(await newModel(), pairs, { ...options, evaluate: { every: 3, run: evaluate } });
  await loop(run, 2);
  // A cell that was interrupted does not get this step.
  await run.next();
  await left;
  expect(run.history.length).toBe(3);
  expect(await loop(run)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(run.history).toEqual(whole.history);
});

test('an evaluation that never settles is given up by the next loop, and done again', async () => {
  const whole = await uninterrupted();
  let begun: (value?: undefined) => void;
  const evaluating = new Promise((resolve) => (begun = resolve));
  const evaluate = vi.fn(options.evaluate.run).mockImplementationOnce(() => {
    begun();
    return new Promise(() => undefined) as never;
  });
  const model = await newModel();
  const run = train(model, pairs, { ...options, evaluate: { every: 3, run: evaluate } });
  await loop(run, 2);
  void run.next();
  await evaluating;
  expect(await loop(run)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(run.history).toEqual(whole.history);
  expect(weightsOf(model)).toEqual(whole.weights);
});

test('after an error in an evaluation the run continues with the same step', async () => {
  const whole = await uninterrupted();
  const evaluate = vi.fn(options.evaluate.run).mockImplementationOnce(() => {
    throw new Error('the judge is asleep');
  });
  const model = await newModel();
  const before = tf.memory().numTensors;
  const run = train(model, pairs, { ...options, evaluate: { every: 3, run: evaluate } });
  await expect(loop(run)).rejects.toThrow('the judge is asleep');
  expect(run.history.map(({ step }) => step)).toEqual([1, 2]);
  expect(tf.memory().numTensors).toBe(before);
  expect(await loop(run)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(run.history).toEqual(whole.history);
  expect(weightsOf(model)).toEqual(whole.weights);
});

test('a run does not continue on weights that something else has changed', async () => {
  const model = await newModel();
  const run = train(model, pairs, options);
  await loop(run, 2);
  const [name, variable] = Object.entries(model.trainable)[0]!;
  variable.assign(tf.tidy(() => tf.mul(variable, 2)));
  await expect(loop(run)).rejects.toThrow(
    `(1 of ${Object.keys(model.trainable).length} tensors, the first is '${name}')`,
  );
});

test('a paused run can be saved, and its checkpoint continues in another run', async () => {
  const whole = await uninterrupted();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-continue-'));
  try {
    const checkpoint = { folder, every: 100 };
    const run = train(await newModel(), pairs, { ...options, checkpoint });
    await loop(run, 5);
    expect(await run.save()).toBe(path.join(folder, 'checkpoint-5'));
    const model = await newModel();
    const second = train(model, pairs, { ...options, checkpoint, resume: true });
    expect(await loop(second)).toEqual([6, 7, 8]);
    expect(second.history).toEqual(whole.history);
    expect(weightsOf(model)).toEqual(whole.weights);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('stop() ends a run for good, in a loop and between two loops', async () => {
  const model = await newModel();
  const before = tf.memory().numTensors;
  for (const stopInLoop of [true, false]) {
    const run = train(model, pairs, options);
    for await (const { step } of run) {
      if (step < 2) continue;
      if (stopInLoop) run.stop();
      else break;
    }
    run.stop();
    expect(await loop(run)).toEqual([]);
    expect(run.history).toHaveLength(2);
    expect(tf.memory().numTensors).toBe(before);
  }
});

test('a run says how far it is, before, between and after its loops', async () => {
  const run = train(await newModel(), pairs, { ...options, epochs: 2, evaluate: undefined as never });
  expect(run[progressOf]()).toEqual({ done: 0, total: 4, unit: 'steps', metrics: {} });
  await loop(run, 3);
  const { loss, 'rewards/margins': margin, 'rewards/chosen': chosen, 'rewards/rejected': rejected } = run.history[2]!;
  expect(run[progressOf]()).toEqual({
    done: 3,
    total: 4,
    unit: 'steps',
    metrics: { loss, margin, chosen, rejected },
  });
});
