/** Optimizers against PyTorch, schedules against transformers; the numbers are from tests/golden/optimizers.py. */
import { describe, expect, test } from 'vitest';
import { tf, useBackend } from '../../src/tensor/index.js';
import {
  createOptimizer,
  learningRateAt,
  optimizerSettings,
  warmupStepsOf,
  type OptimizerOptions,
  type Schedule,
} from '../../src/training/index.js';
import { readGolden } from '../golden/read.js';

type Values = Record<string, number[]>;
const golden = readGolden<{
  learningRate: number;
  shapes: Record<string, number[]>;
  start: Values;
  gradients: Values[];
  runs: Record<string, { optimizer: string; options: Record<string, number | [number, number]>; steps: Values[] }>;
  schedules: Record<Schedule, { warmup: number; total: number; rates: number[] }[]>;
}>('optimizers.json');
await useBackend();

/** Converts PyTorch's names of options. */
function toOptions(name: string, { betas, eps, weight_decay, ...others }: Record<string, unknown>): OptimizerOptions {
  const [beta1, beta2] = (betas ?? []) as number[];
  // PyTorch's optimizers apply the weight decay to all parameters.
  const renamed = { beta1, beta2, epsilon: eps, weightDecay: weight_decay, decayVectors: true, ...others };
  const given = Object.entries(renamed).filter(([, value]) => value !== undefined);
  return { name, ...Object.fromEntries(given) } as OptimizerOptions;
}

const variables = (start: Values) =>
  Object.fromEntries(
    Object.entries(golden.shapes).map(([name, shape]) => [name, tf.variable(tf.tensor(start[name]!, shape))]),
  );

function createRun(options: OptimizerOptions, start = golden.start) {
  const parameters = variables(start);
  const optimizer = createOptimizer(parameters, optimizerSettings(options));
  const step = (gradients: Values) =>
    tf.tidy(() => {
      const named = Object.fromEntries(
        Object.entries(gradients).map(([name, values]) => [name, tf.tensor(values, golden.shapes[name])]),
      );
      optimizer.apply(
        optimizer.groups.map((group) => group.gather(named)),
        golden.learningRate,
      );
    });
  const values = () =>
    Object.fromEntries(Object.entries(parameters).map(([name, variable]) => [name, [...variable.dataSync()]]));
  return { optimizer, step, values };
}

describe.each(Object.entries(golden.runs))('%s', (_, { optimizer: name, options, steps }) => {
  test('ten updates are those of PyTorch within 2e-6', () => {
    const run = createRun(toOptions(name, options));
    golden.gradients.forEach((gradients, index) => {
      run.step(gradients);
      for (const [parameter, found] of Object.entries(run.values())) {
        found.forEach((value, place) => {
          const expected = steps[index]![parameter]![place]!;
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(expected)));
        });
      }
    });
  });

  test('its state can be saved and restored: the second half of the run is the same to the last bit', async () => {
    const whole = createRun(toOptions(name, options));
    const first = createRun(toOptions(name, options));
    golden.gradients.slice(0, 5).forEach((gradients) => {
      whole.step(gradients);
      first.step(gradients);
    });
    const state = await first.optimizer.save();
    first.optimizer.dispose();
    const second = createRun(toOptions(name, options), first.values());
    second.optimizer.restore(state);
    for (const gradients of golden.gradients.slice(5)) {
      whole.step(gradients);
      second.step(gradients);
    }
    const saved = await second.optimizer.save();
    expect(saved.steps).toBe(10);
    expect(second.values()).toEqual(whole.values());
    expect(saved.tensors).toEqual((await whole.optimizer.save()).tensors);
  });
});

test('norms and biases have no weight decay by default', () => {
  const run = createRun({ name: 'adamw', weightDecay: 0.5 });
  run.step(Object.fromEntries(Object.entries(golden.start).map(([name, values]) => [name, values.map(() => 0)])));
  const { matrix, vector } = run.values();
  expect(vector).toEqual(golden.start.vector!.map(Math.fround));
  matrix!.forEach((value, index) =>
    expect(value).toBeCloseTo(golden.start.matrix![index]! * (1 - 0.5 * golden.learningRate), 6),
  );
});

test('a state of other parameters is refused; the parameter is named', () => {
  const { optimizer } = createRun('rmsprop');
  expect(() => optimizer.restore({ steps: 1, tensors: {} })).toThrow(/has no 'matrix.square_avg'/);
});

test('unknown optimizers and options are refused, with the nearest known name', () => {
  expect(() => optimizerSettings({ name: 'adam' } as never)).toThrow(
    "'adam' is not a known optimizer; did you mean 'adamw'?",
  );
  expect(() => optimizerSettings({ name: 'rmsprop', beta1: 0.9 } as never)).toThrow(
    /'beta1' is not a known option of rmsprop/,
  );
});

describe.each(Object.entries(golden.schedules))('the schedule %s', (schedule, runs) => {
  test.each(runs)('is that of transformers with a warm-up of $warmup steps', ({ warmup, total, rates }) => {
    const options = { learningRate: 1, schedule: schedule as Schedule, warmupSteps: warmup, minimumRatio: 0 };
    const found = rates.map((_, step) => learningRateAt(step, total, options));
    found.forEach((rate, step) => expect(rate).toBeCloseTo(rates[step]!, 12));
  });
});

test('a warm-up given as a share is rounded up, as in transformers', () => {
  expect(warmupStepsOf({ warmupSteps: 0, warmupRatio: 0.1 }, 25)).toBe(3);
  expect(warmupStepsOf({ warmupSteps: 2, warmupRatio: 0.1 }, 25)).toBe(2);
});
