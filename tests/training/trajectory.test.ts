/** Log-probabilities, gradients and whole runs against torch and TRL (tests/golden says how they were made). */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromPretrained, readSafetensors } from '../../src/model/index.js';
import type { ObjectiveId } from '../../src/objectives/index.js';
import { readPairs } from '../../src/preference/index.js';
import { tf } from '../../src/tensor/index.js';
import {
  computeResponseLogProbs,
  encodePair,
  responseLogProbs,
  train,
  treeBatch,
  type StepMetrics,
} from '../../src/training/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface GoldenLogProbs {
  readonly promptIds: number[];
  readonly chosenIds: number[];
  readonly rejectedIds: number[];
  readonly chosenLogProb: number;
  readonly rejectedLogProb: number;
}
type GoldenStep = Partial<StepMetrics>;
const models = readGolden<{ models: Record<string, { logProbs: GoldenLogProbs[] }> }>('model.json').models;
const trajectory = readGolden<{
  settings: { learning_rate: number; batch: number; beta: number; max_steps: number };
  models: Record<string, Record<ObjectiveId, GoldenStep[]>>;
}>('trajectory.json');

const load = (name: string) => fromPretrained(path.join(goldenFolder, name));
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));

describe.each(Object.entries(models))('%s', (name, { logProbs }) => {
  test('pairs are tokenised as TRL does, and their log-probabilities equal torch within 1e-4', async () => {
    const model = await load(name);
    const encoded = pairs.map((pair) => encodePair(model.tokenizer, pair));
    expect(encoded.map(({ prompt, responses }) => [prompt, ...responses])).toEqual(
      logProbs.map(({ promptIds, chosenIds, rejectedIds }) => [promptIds, chosenIds, rejectedIds]),
    );
    const found = computeResponseLogProbs(model.parameters, model.config, encoded, 3);
    logProbs.forEach(({ chosenLogProb, rejectedLogProb }, index) => {
      expect(Math.abs(found[2 * index]! - chosenLogProb)).toBeLessThan(1e-4);
      expect(Math.abs(found[2 * index + 1]! - rejectedLogProb)).toBeLessThan(1e-4);
    });
  });

  test('a shared prefix changes nothing: trees give what separate, padded sequences give', async () => {
    const model = await load(name);
    const encoded = pairs.map((pair) => encodePair(model.tokenizer, pair));
    const separate = encoded.flatMap(({ prompt, responses }) =>
      responses.map((response) => ({ prompt, responses: [response] })),
    );
    const trees = computeResponseLogProbs(model.parameters, model.config, encoded);
    const rows = computeResponseLogProbs(model.parameters, model.config, separate);
    trees.forEach((value, index) => {
      expect(value).toBeCloseTo(rows[index]!, 4);
    });
  });

  test('the gradient in every parameter equals torch within 1e-4', async () => {
    const model = await load(name);
    const expected = await readSafetensors(path.join(goldenFolder, `${name}-gradients.safetensors`));
    const batch = treeBatch(pairs.map((pair) => encodePair(model.tokenizer, pair)));
    const weights = tf.tensor1d(pairs.flatMap(() => [1 / pairs.length, -0.5 / pairs.length]));
    const { grads } = tf.variableGrads(
      () => tf.sum(tf.mul(responseLogProbs(model.parameters, model.config, batch), weights)),
      Object.values(model.parameters),
    );
    for (const [parameter, variable] of Object.entries(model.parameters)) {
      const found = grads[variable.name]!.dataSync();
      const { values } = expected[parameter]!;
      const worst = Math.max(...values.map((value, index) => Math.abs(value - found[index]!)));
      const size = Math.max(...values.map(Math.abs));
      expect(worst, parameter).toBeLessThan(1e-4 * Math.max(1, size));
    }
  });

  test.each(Object.keys(trajectory.models[name]!) as ObjectiveId[])(
    "a run with %s follows TRL's, step by step",
    async (objective) => {
      const { settings } = trajectory;
      const model = await load(name);
      const expected = trajectory.models[name]![objective];
      const steps: StepMetrics[] = [];
      for await (const step of train(model, pairs, {
        objective,
        beta: settings.beta,
        learningRate: settings.learning_rate,
        batchSize: settings.batch,
        epochs: (settings.max_steps * settings.batch) / pairs.length,
        shuffle: false,
      })) {
        steps.push(step);
      }
      expect(steps).toHaveLength(expected.length);
      // AdamW turns a gradient's rounding into a whole step where the gradient is nearly 0 (APO-down's chosen responses), so
      // an error is measured against the metric's own size over the run: the largest within 1e-3 of it, the mean within 2e-4.
      for (const metric of Object.keys(expected[0]!) as (keyof StepMetrics)[]) {
        const golden = expected.map((step) => step[metric]!);
        const errors = golden.map((value, index) => Math.abs(steps[index]![metric] - value));
        const size = Math.max(...golden.map(Math.abs), 1e-2);
        expect(Math.max(...errors) / size, `largest error of ${metric}`).toBeLessThanOrEqual(1e-3);
        const meanError = errors.reduce((sum, error) => sum + error, 0) / errors.length;
        expect(meanError / size, `mean error of ${metric}`).toBeLessThanOrEqual(2e-4);
      }
    },
  );
});
