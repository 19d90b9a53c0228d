/** The trainer's own promises: what it counts, checks, refuses and gives back. */
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fromPretrained, type LanguageModel } from '../../src/model/index.js';
import { readPairs } from '../../src/preference/index.js';
import { tf } from '../../src/tensor/index.js';
import { adamW, learningRateAt, NotFiniteError, takeStep, train, whyNotTrainable } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
let model: LanguageModel;
beforeEach(async () => {
  model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
});

async function collectSteps(...args: Parameters<typeof train>) {
  const steps = [];
  for await (const step of train(...args)) steps.push(step);
  return steps;
}

test('an epoch takes every pair once: the last step takes what is left', async () => {
  const steps = await collectSteps(model, pairs, { objective: 'dpo', batchSize: 3, epochs: 2 });
  expect(steps.map(({ step, epoch }) => [step, Number(epoch.toFixed(3))])).toEqual([
    [1, 0.333],
    [2, 0.667],
    [3, 1],
    [4, 1.333],
    [5, 1.667],
    [6, 2],
  ]);
  expect(steps[5]!.num_tokens).toBe(2 * steps[2]!.num_tokens);
});

test('the same seed gives the same run, another seed another order', async () => {
  const run = async (seed: number) => {
    const fresh = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    return collectSteps(fresh, pairs, { objective: 'apo_zero', batchSize: 3, epochs: 2, seed });
  };
  expect(await run(1)).toEqual(await run(1));
  expect(await run(2)).not.toEqual(await run(1));
});

test('before the first update rewards are 0, whatever the objective', async () => {
  const [first] = await collectSteps(model, pairs, { objective: 'kto', batchSize: 8 });
  expect(Math.abs(first!['rewards/margins'])).toBeLessThan(1e-5);
  expect(first!.kl).toBeLessThan(1e-5);
});

test('a caller can stop in the middle: no tensor is left behind', async () => {
  const before = tf.memory().numTensors;
  for await (const { step } of train(model, pairs, { objective: 'kto', batchSize: 2, epochs: 5 }))
    if (step === 3) break;
  expect(tf.memory().numTensors).toBe(before);
});

test('the number of tensors stays flat over the steps', async () => {
  const counts: number[] = [];
  for await (const step of train(model, pairs, { objective: 'apo_down', batchSize: 4, epochs: 20 })) {
    counts.push(tf.memory().numTensors + 0 * step.step);
  }
  expect(new Set(counts).size).toBe(1);
});

describe('what cannot be trained on is refused', () => {
  test('no pairs', async () => {
    await expect(collectSteps(model, [], { objective: 'dpo' })).rejects.toThrow('There are no pairs to train on.');
  });
  test('an objective that is none, with the nearest that is', async () => {
    await expect(collectSteps(model, pairs, { objective: 'apo-zero' })).rejects.toThrow(/did you mean 'apo_zero'\?/);
  });
  test('words that the vocabulary lacks', async () => {
    const pair = { prompt: 'price for zebra ?', chosen: 'sure', rejected: 'well' };
    expect(whyNotTrainable(model.tokenizer, 64, pair)).toMatch(/prompt has a word .* lacks: 'zebra'/);
    await expect(collectSteps(model, [...pairs, pair], { objective: 'dpo' })).rejects.toThrow(/Pair 9 of 9 .*'zebra'/);
  });
  test('more tokens than there are positions', () => {
    expect(whyNotTrainable(model.tokenizer, 5, pairs[0]!)).toMatch(/are more than the policy's 5 positions/);
  });
});

test('a step whose loss is not finite changes no parameter and says so', () => {
  const parameters = { w: tf.variable(tf.tensor1d([1, 2])) };
  const optimizer = adamW(parameters);
  const loss = () => tf.sum<tf.Scalar>(tf.mul(parameters.w, tf.scalar(Infinity)));
  expect(() => takeStep(parameters, optimizer, 0.1, 1, loss)).toThrow(NotFiniteError);
  expect([...parameters.w.dataSync()]).toEqual([1, 2]);
});

describe('learning rate', () => {
  const options = { learningRate: 2, schedule: 'cosine', warmupSteps: 10, minimumRatio: 0.1 } as const;
  test('rises over the warm-up, then falls along the cosine to its floor', () => {
    expect(learningRateAt(0, 110, options)).toBe(0);
    expect(learningRateAt(5, 110, options)).toBe(1);
    expect(learningRateAt(10, 110, options)).toBe(2);
    expect(learningRateAt(60, 110, options)).toBeCloseTo(2 * (0.1 + 0.9 * 0.5), 12);
    expect(learningRateAt(110, 110, options)).toBeCloseTo(0.2, 12);
  });
  test('constant stays', () => {
    expect(learningRateAt(99, 100, { ...options, schedule: 'constant', warmupSteps: 0 })).toBe(2);
  });
});
