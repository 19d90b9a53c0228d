/**
 * A Llama with a vocabulary of 49,152 tokens against float64 (tests/golden/vocabulary.py). WebAssembly's sum over the vocabulary, in
 * single precision, lost 1.5e-4 of every token's log-probability.
 */
import { beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/model/config.js';
import { hiddenStates, logits, type Parameters } from '../../src/model/index.js';
import { read, targetLogProbs, tf, useBackend } from '../../src/tensor/index.js';
import { prefixTreeBatch } from '../../src/training/prefixTree.js';
import { computeResponseLogProbs, responseLogProbs } from '../../src/training/responseLogProbs.js';
import { readGolden } from '../golden/read.js';

const golden = readGolden<{
  config: Record<string, unknown>;
  tensors: { name: string; shape: number[] }[];
  rows: { prompt: number[]; responses: number[][]; tokenLogProbs: number[][] }[];
  gradients: Record<string, [norm: number, along: number]>;
}>('vocabulary.json');
const config = parseConfig(golden.config, 'vocabulary.json');
/** In nats per token. */
const tolerance = 2e-5;

/** A hash of unsigned 32-bit integers (lowbias32), as in vocabulary.py. */
function mix(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The weights of a tensor by vocabulary.py's formula. */
function weights(number: number, { name, shape }: (typeof golden.tensors)[number]): tf.Tensor {
  const start = mix(number + 1);
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => {
    const uniform = (mix((start + index) | 0) >>> 8) / 2 ** 24 - 0.5;
    if (name.includes('embed')) return uniform;
    // The last norm is larger, so that the distributions are as peaked as a trained model's.
    const scale = name === 'model.norm.weight' ? 4 : 1;
    return name.includes('norm') ? scale * (1 + uniform / 2) : uniform / 2;
  });
  return tf.tensor(values, shape);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const responses = golden.rows.flatMap(({ tokenLogProbs }) => tokenLogProbs);
let parameters: Parameters;
beforeAll(async () => {
  await useBackend();
  parameters = Object.fromEntries(golden.tensors.map((tensor, number) => [tensor.name, weights(number, tensor)]));
});

test('the log-probability of each response, in one batch and row by row', async () => {
  for (const batchSize of [3, 1]) {
    const found = await computeResponseLogProbs(parameters, config, golden.rows, batchSize);
    expect(found).toHaveLength(responses.length);
    found.forEach((value, index) => {
      const wanted = responses[index]!;
      expect(Math.abs(value - sum(wanted)) / wanted.length).toBeLessThan(tolerance);
    });
  }
});

test('the log-probability of each token', async () => {
  for (const { prompt, responses: texts, tokenLogProbs } of golden.rows) {
    for (const [index, response] of texts.entries()) {
      const ids = [...prompt, ...response];
      const found = tf.tidy(() => {
        const batch = prefixTreeBatch([{ prompt, responses: [response] }]);
        const states = hiddenStates(parameters, config, batch);
        return targetLogProbs(logits(parameters, config, states), tf.tensor1d([...ids.slice(1), 0], 'int32'));
      });
      const values = (await read(found)).slice(prompt.length - 1, -1);
      found.dispose();
      expect(values).toHaveLength(response.length);
      const errors = tokenLogProbs[index]!.map((wanted, place) => values[place]! - wanted);
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(tolerance);
      // And not to one side: rounding has no direction.
      expect(Math.abs(sum(errors)) / errors.length).toBeLessThan(tolerance / 4);
    }
  }
});

test('the gradients of the mean log-probability', async () => {
  const names = Object.keys(parameters);
  const tokens = tf.tensor1d(responses.map(({ length }) => length));
  const gradients = tf.tidy(() =>
    tf.grads((...tensors) => {
      const given = Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
      const sums = responseLogProbs(given, config, prefixTreeBatch(golden.rows));
      return tf.neg(tf.mean(tf.div(sums, tokens)));
    })(Object.values(parameters)),
  );
  for (const [index, name] of names.entries()) {
    const values = await read(gradients[index]!);
    const [norm, along] = golden.gradients[name]!;
    const found = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
    expect(Math.abs(found / norm - 1), name).toBeLessThan(tolerance);
    const foundAlong = values.reduce((total, value, place) => total + value * Math.cos(place), 0);
    expect(Math.abs(foundAlong - along) / norm, name).toBeLessThan(tolerance);
  }
  tf.dispose([tokens, ...gradients]);
});
