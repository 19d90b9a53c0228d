/**
 * Packed prefix trees against each response computed by itself, in float32 on the running backend: log-probabilities, and gradients of
 * every parameter. 200 seeded trees, among them empty prompts, equal responses, single tokens, and trees of several tiles.
 */
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { fromPretrained, sequenceBatch, hiddenStates, logits, type LanguageModel } from '../../src/model/index.js';
import { targetLogProbs, tf, useBackend } from '../../src/tensor/index.js';
import { prefixTreeBatch, responseLogProbs } from '../../src/training/index.js';
import type { TokenizedRow } from '../../src/training/tokenize.js';
import { goldenFolder } from '../golden/read.js';

let model: LanguageModel;
beforeAll(async () => {
  await useBackend();
  model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
});

const random = createRandom(0, 'packed trees');
const whole = (from: number, to: number) => from + Math.floor(random.uniform() * (to - from + 1));
const tokens = (count: number) => Array.from({ length: count }, () => whole(4, model.config.vocabularySize - 1));

/** One tree: its kind depends on the index. */
function tree(index: number): TokenizedRow {
  const kind = index % 10;
  const prompt = tokens(kind === 0 ? 0 : kind === 1 ? 1 : kind === 2 ? whole(65, 100) : whole(2, 20));
  const shared = tokens(kind === 3 ? 0 : whole(0, 12));
  const first = [...shared, ...tokens(kind === 4 ? 1 : whole(1, 15))];
  const second = kind === 5 ? first : [...shared, ...tokens(kind === 6 ? 0 : whole(1, 15))];
  // A response has a token at least.
  return { prompt, responses: [first, second.length === 0 ? tokens(1) : second] };
}

/** The log-probability of one response, as a sequence of its own. */
function separate(prompt: readonly number[], response: readonly number[]): tf.Scalar {
  const ids = [...prompt, ...response];
  const first = Math.max(1, prompt.length);
  if (ids.length <= first) return tf.scalar(0);
  const states = hiddenStates(model.parameters, model.config, sequenceBatch(ids));
  const scores = tf.slice2d(logits(model.parameters, model.config, states), [first - 1, 0], [ids.length - first, -1]);
  return tf.sum(targetLogProbs(scores, tf.tensor1d(ids.slice(first), 'int32')));
}

/** Sums with a weight per response, so that each has its own part in the gradients. */
function gradientsOf(compute: () => tf.Tensor1D): { values: Float32Array; gradients: Record<string, Float32Array> } {
  const { value, grads } = tf.variableGrads(() => {
    const sums = compute();
    return tf.sum(tf.mul(sums, tf.cos(tf.range(0, sums.size))));
  }, Object.values(model.parameters));
  value.dispose();
  const gradients = Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, g.dataSync() as Float32Array]));
  tf.dispose(grads);
  return { values: tf.tidy(() => compute().dataSync() as Float32Array), gradients };
}

const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

test.each(Array.from({ length: 20 }, (_, batch) => batch))('batch %i of 10 trees', (batch) => {
  const rows = Array.from({ length: 10 }, (_, index) => tree(10 * batch + index));
  const packed = gradientsOf(() => responseLogProbs(model.parameters, model.config, prefixTreeBatch(rows)));
  const alone = gradientsOf(
    () =>
      tf.stack<tf.Tensor>(
        rows.flatMap(({ prompt, responses }) => responses.map((response) => separate(prompt, response))),
      ) as tf.Tensor1D,
  );
  packed.values.forEach((value, index) =>
    expect(Math.abs(value - alone.values[index]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value))),
  );
  for (const [name, gradient] of Object.entries(packed.gradients)) {
    const wanted = alone.gradients[name]!;
    const difference = largest(gradient.map((value, index) => value - wanted[index]!));
    // Sums over all tokens of the batch in another order, in single precision; wasm came to 2e-5.
    expect(difference / Math.max(1, largest(wanted)), name).toBeLessThan(4e-5);
  }
});
