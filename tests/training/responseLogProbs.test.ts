/** Log-probabilities of responses and their gradients against PyTorch; tests/golden has the scripts. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromPretrained, readSafetensors } from '../../src/model/index.js';
import { withAdapter } from '../../src/model/lora.js';
import { variable } from '../../src/model/parameters.js';
import { readPairs } from '../../src/preference.js';
import { tf } from '../../src/tensor/index.js';
import { computeResponseLogProbs, tokenizePair, responseLogProbs, prefixTreeBatch } from '../../src/training/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface GoldenLogProbs {
  readonly promptIds: number[];
  readonly chosenIds: number[];
  readonly rejectedIds: number[];
  readonly chosenLogProb: number;
  readonly rejectedLogProb: number;
}
const models = readGolden<{ models: Record<string, { logProbs: GoldenLogProbs[] }> }>('model.json').models;
const load = (name: string) => fromPretrained(path.join(goldenFolder, name));
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));

describe.each(Object.entries(models))('%s', (name, { logProbs }) => {
  test('pairs are tokenized as in TRL, and their log-probabilities equal PyTorch within 1e-4', async () => {
    const model = await load(name);
    const tokenized = pairs.map((pair) => tokenizePair(model.tokenizer, pair));
    expect(tokenized.map(({ prompt, responses }) => [prompt, ...responses])).toEqual(
      logProbs.map(({ promptIds, chosenIds, rejectedIds }) => [promptIds, chosenIds, rejectedIds]),
    );
    const found = await computeResponseLogProbs(model.parameters, model.config, tokenized, 3);
    logProbs.forEach(({ chosenLogProb, rejectedLogProb }, index) => {
      expect(Math.abs(found[2 * index]! - chosenLogProb)).toBeLessThan(1e-4);
      expect(Math.abs(found[2 * index + 1]! - rejectedLogProb)).toBeLessThan(1e-4);
    });
  });

  test('prefix trees give the log-probabilities of separate, padded sequences', async () => {
    const model = await load(name);
    const tokenized = pairs.map((pair) => tokenizePair(model.tokenizer, pair));
    const separate = tokenized.flatMap(({ prompt, responses }) =>
      responses.map((response) => ({ prompt, responses: [response] })),
    );
    const trees = await computeResponseLogProbs(model.parameters, model.config, tokenized);
    const rows = await computeResponseLogProbs(model.parameters, model.config, separate);
    trees.forEach((value, index) => {
      expect(value).toBeCloseTo(rows[index]!, 4);
    });
  });

  test('the gradient of every parameter equals PyTorch within 1e-4', async () => {
    const model = await load(name);
    const expected = await readSafetensors(path.join(goldenFolder, `${name}-gradients.safetensors`));
    const batch = prefixTreeBatch(pairs.map((pair) => tokenizePair(model.tokenizer, pair)));
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
});

test('an adapter of the head, as PEFT makes one for lm_head, counts in log-probabilities and gets gradients', async () => {
  const base = await load('tiny-llama');
  const { vocabularySize, hiddenSize } = base.config;
  const waves = (rows: number, columns: number) =>
    variable(
      Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index)),
      [rows, columns],
    );
  const [a, b] = ['A', 'B'].map((factor) => `base_model.model.lm_head.lora_${factor}.weight`) as [string, string];
  const tensors = { [a]: waves(2, hiddenSize), [b]: waves(vocabularySize, 2) };
  const model = withAdapter(base, { rank: 2, alpha: 4, rankStabilized: false }, tensors);
  const { prompt, responses } = tokenizePair(model.tokenizer, pairs[0]!);
  const row = { prompt, responses };
  // The model's own scores, which the adapter changes, token by token.
  const expected = responses.map((response) => {
    const scores = tf.logSoftmax(model.logits([...prompt, ...response])).arraySync();
    return response.reduce((sum, token, index) => sum + scores[prompt.length - 1 + index]![token]!, 0);
  });
  const found = await computeResponseLogProbs(model.parameters, model.config, [row]);
  found.forEach((value, index) => expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-3));
  const [without] = await computeResponseLogProbs(base.parameters, base.config, [row]);
  expect(Math.abs(found[0]! - without!)).toBeGreaterThan(0.1);
  const { grads } = tf.variableGrads(
    () => tf.sum(responseLogProbs(model.parameters, model.config, prefixTreeBatch([row]))),
    Object.values(model.trainable),
  );
  for (const gradient of Object.values(grads)) expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBeGreaterThan(0);
});
