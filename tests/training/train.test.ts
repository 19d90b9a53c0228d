/** The trainer: batches, metrics, checks, refused inputs, and freed tensors. */
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fromPretrained, type LanguageModel } from '../../src/model/index.js';
import { readPairs, type PreferencePair } from '../../src/preference.js';
import { tf } from '../../src/tensor/index.js';
import {
  adamW,
  learningRateAt,
  NotFiniteError,
  takeStep,
  train,
  whyNotTrainable,
  type StepMetrics,
  type TrainOptions,
} from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
let model: LanguageModel;
beforeEach(async () => {
  model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
});

async function collectSteps(policy: LanguageModel, given: readonly PreferencePair[], options: TrainOptions) {
  const steps = [];
  for await (const step of train(policy, given, options)) steps.push(step);
  return steps;
}

/** Options that an objective reads are accepted, with undefined meaning not given. */
test('options that the objective reads replace its defaults', () => {
  const settings = (options: Partial<TrainOptions>) => train(model, pairs, { objective: 'simpo', ...options }).settings;
  const defaults = { beta: 2, gamma: 1, labelSmoothing: 0, likelihoodWeight: 0 };
  expect(settings({}).objectiveOptions).toEqual(defaults);
  expect(settings({ beta: 1, objectiveOptions: { gamma: 0.5 } }).objectiveOptions).toEqual({
    ...defaults,
    beta: 1,
    gamma: 0.5,
  });
  expect(settings({ objectiveOptions: { gamma: undefined } as never }).objectiveOptions).toEqual(defaults);
});

test('an epoch trains on every pair once; its last step can have fewer pairs', async () => {
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

test('the same seed gives the same run, another seed gives another order', async () => {
  const run = async (seed: number) => {
    const fresh = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    return collectSteps(fresh, pairs, { objective: 'apo_zero', batchSize: 3, epochs: 2, seed });
  };
  expect(await run(1)).toEqual(await run(1));
  expect(await run(2)).not.toEqual(await run(1));
});

test('before the first update rewards and KL are 0', async () => {
  const [first] = await collectSteps(model, pairs, { objective: 'kto', batchSize: 8 });
  expect(Math.abs(first!['rewards/margins'])).toBeLessThan(1e-5);
  expect(first!.kl).toBeLessThan(1e-5);
});

test('a caller can leave the loop, and no tensors are left behind', async () => {
  const before = tf.memory().numTensors;
  for await (const { step } of train(model, pairs, { objective: 'kto', batchSize: 2, epochs: 5 }))
    if (step === 3) break;
  expect(tf.memory().numTensors).toBe(before);
});

test.each(['apo_down', 'kto', 'bco'] as const)(
  'the number of tensors and their bytes stay constant over 200 steps of %s, with accumulation and evaluation',
  async (objective) => {
    const counts = new Set<string>();
    const run = train(model, pairs, {
      objective,
      batchSize: 2,
      gradientAccumulation: 2,
      maxSteps: 200,
      learningRate: 1e-5,
      shuffle: false,
      evaluate: { every: 7, run: () => ({ score: 1 }) },
    });
    // Steps train on pairs 1 to 4 and 5 to 8 alternately.
    for await (const { step } of run) counts.add(`${step % 2}: ${tf.memory().numTensors} ${tf.memory().numBytes}`);
    expect(counts.size).toBe(2);
  },
);

test("BCO's rewards are shifted by the running mean of all rewards so far, with equal weight per micro-batch", async () => {
  // With one pair per batch the logged rewards are those of the two responses, so the loss follows from them.
  const steps = await collectSteps(model, pairs, { objective: 'bco', batchSize: 1, maxSteps: 12, learningRate: 1e-3 });
  const logSigmoid = (x: number) => -Math.log1p(Math.exp(-x));
  let sum = 0;
  for (const { step, loss, 'rewards/chosen': chosen, 'rewards/rejected': rejected } of steps) {
    sum += (chosen + rejected) / 2;
    const shift = sum / step;
    expect(loss).toBeCloseTo(-(logSigmoid(chosen - shift) + logSigmoid(shift - rejected)) / 2, 5);
  }
  expect(Math.abs(sum)).toBeGreaterThan(0.01);
});

describe('gradient accumulation', () => {
  test.each(['dpo', 'apo_zero', 'sft'] as const)(
    'two micro-batches of 4 pairs equal one batch of 8, with %s: a mean over pairs, for SFT over tokens',
    async (objective) => {
      const run = async (batchSize: number, gradientAccumulation: number) =>
        collectSteps(await fromPretrained(path.join(goldenFolder, 'tiny-llama')), pairs, {
          objective,
          batchSize,
          gradientAccumulation,
          epochs: 4,
          learningRate: 1e-4,
          shuffle: false,
        });
      const [whole, parts] = [await run(8, 1), await run(4, 2)];
      expect(parts).toHaveLength(4);
      parts.forEach((step, index) => {
        for (const [name, value] of Object.entries(step)) {
          const expected = whole[index]![name as keyof StepMetrics];
          expect(Math.abs(value - expected), name).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
        }
      });
    },
  );

  test('the last step of an epoch can have fewer micro-batches, and ends the epoch', async () => {
    const steps = await collectSteps(model, pairs, {
      objective: 'dpo',
      batchSize: 3,
      gradientAccumulation: 2,
      epochs: 2,
    });
    expect(steps.map(({ epoch }) => Number(epoch.toFixed(3)))).toEqual([0.667, 1, 1.667, 2]);
  });
});

describe('between two steps the caller', () => {
  test('changes the learning rate, and the schedule continues with the new one', async () => {
    const run = train(model, pairs, {
      objective: 'dpo',
      batchSize: 4,
      epochs: 2,
      schedule: 'linear',
      learningRate: 4e-3,
    });
    const rates: number[] = [];
    for await (const { learning_rate: rate } of run) {
      rates.push(rate);
      if (rates.length === 2) run.learningRate = 2e-3;
    }
    expect(rates).toEqual([4e-3, 3e-3, 1e-3, 0.5e-3]);
  });

  test('stops the run, and keeps its history', async () => {
    const run = train(model, pairs, { objective: 'dpo', batchSize: 4, epochs: 9 });
    for await (const { step } of run) if (step === 3) run.stop();
    expect(run.history.map(({ step }) => step)).toEqual([1, 2, 3]);
  });
});

describe('evaluation', () => {
  test('runs at its interval and after the last step; its numbers are added to the metrics', async () => {
    const seen: number[] = [];
    const steps = await collectSteps(model, pairs, {
      objective: 'dpo',
      batchSize: 2,
      maxSteps: 5,
      evaluate: {
        every: 2,
        run: (evaluated, { step }) => {
          expect(evaluated).toBe(model);
          seen.push(step);
          return Promise.resolve({ score: step / 10 });
        },
      },
    });
    expect(seen).toEqual([2, 4, 5]);
    expect(steps.map((step) => step.eval_score)).toEqual([undefined, 0.2, undefined, 0.4, 0.5]);
  });

  test('early stop ends the run if the metric has not improved for `patience` evaluations', async () => {
    const scores = [1, 3, 2, 3, 9, 9];
    const steps = await collectSteps(model, pairs, {
      objective: 'dpo',
      batchSize: 8,
      epochs: 6,
      evaluate: { run: (_, { step }) => ({ score: scores[step - 1]! }) },
      earlyStop: { metric: 'eval_score', patience: 2, mode: 'max' },
    });
    expect(steps.map((step) => step.eval_score)).toEqual([1, 3, 2, 3]);
  });

  test('an early stop on an unknown metric is refused, with the names of the metrics', async () => {
    const earlyStop = { metric: 'los', patience: 2, mode: 'min' } as const;
    await expect(collectSteps(model, pairs, { objective: 'dpo', earlyStop })).rejects.toThrow(
      /earlyStop.metric is 'los', which no step has. A step has: step, steps, epoch, loss/,
    );
  });
});

test.each([
  [{ batchSize: 0 }, 'batchSize is 0; it has to be a whole number of 1 or more.'],
  [{ learningRate: NaN }, 'learningRate is NaN; it has to be a number of 0 or more.'],
  [{ beta: -1 }, 'beta is -1; it has to be a number above 0.'],
  [{ warmupRatio: 2 }, 'warmupRatio is 2; it has to be a number from 0 to 1.'],
  [{ epochs: '3' as never }, "epochs is '3'; it has to be a number above 0."],
  [{ schedule: 'cosin' as never }, "'cosin' is not a known schedule; did you mean 'cosine'?"],
  [{ objectiveOptions: { gamma: 1 } }, "'gamma' is not a known option of DPO. Known: beta, labelSmoothing."],
  [
    { objectiveOptions: { penaltyWeight: 1, beta: 1 } },
    /'penaltyWeight' is not a known option of DPO.* Known: beta, labelSmoothing/,
  ],
])('the option %j is refused with its range, or with the known names', (options, message) => {
  expect(() => train(model, pairs, { objective: 'dpo', ...options })).toThrow(message);
});

describe('pairs and objectives that cannot be used are refused', () => {
  test('no pairs', async () => {
    await expect(collectSteps(model, [], { objective: 'dpo' })).rejects.toThrow('There are no pairs to train on.');
  });
  test('an unknown objective, with the nearest known one', async () => {
    await expect(collectSteps(model, pairs, { objective: 'apo-zero' })).rejects.toThrow(/did you mean 'apo_zero'\?/);
  });
  test('words that are not in the vocabulary', async () => {
    const pair = { prompt: 'price for zebra ?', chosen: 'sure', rejected: 'well' };
    expect(whyNotTrainable(model.tokenizer, 64, pair)).toMatch(/prompt has a word .* lacks: 'zebra'/);
    await expect(collectSteps(model, [...pairs, pair], { objective: 'dpo' })).rejects.toThrow(/Pair 9 of 9 .*'zebra'/);
  });
  test('more tokens than the model has positions', () => {
    expect(whyNotTrainable(model.tokenizer, 5, pairs[0]!)).toMatch(/are more than the policy's 5 positions/);
  });
});

test('a step whose loss is not finite changes no parameter and throws', async () => {
  const parameters = { w: tf.variable(tf.tensor1d([1, 2])) };
  const optimizer = adamW(parameters);
  const loss = () => tf.sum<tf.Scalar>(tf.mul(parameters.w, tf.scalar(Infinity)));
  await expect(takeStep(parameters, optimizer, 0.1, 1, loss)).rejects.toThrow(NotFiniteError);
  expect([...parameters.w.dataSync()]).toEqual([1, 2]);
});

describe('learning rate', () => {
  const options = { learningRate: 2, schedule: 'cosine', warmupSteps: 10, minimumRatio: 0.1 } as const;
  test('rises during the warm-up, then falls along the cosine to its minimum', () => {
    expect(learningRateAt(0, 110, options)).toBe(0);
    expect(learningRateAt(5, 110, options)).toBe(1);
    expect(learningRateAt(10, 110, options)).toBe(2);
    expect(learningRateAt(60, 110, options)).toBeCloseTo(2 * (0.1 + 0.9 * 0.5), 12);
    expect(learningRateAt(110, 110, options)).toBeCloseTo(0.2, 12);
  });
  test('is constant with the constant schedule', () => {
    expect(learningRateAt(99, 100, { ...options, schedule: 'constant', warmupSteps: 0 })).toBe(2);
  });
});
