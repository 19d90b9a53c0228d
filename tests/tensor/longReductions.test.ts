/**
 * Reductions over 131,072 entries (more than the largest vocabulary in use) against float64, on the running backend: its fused layers
 * and the composed ones. Before, WebAssembly's sums lost up to 1e-3, and TensorFlow's over any axis but the last.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { composedLayers } from '../../src/tensor/composedLayers.js';
import { linear, rmsNorm, segmentSum, targetLogProbs, tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

const size = 131_072;
const tolerance = 1e-6;
const random = createRandom(0, 'long reductions');
const normal = Float32Array.from({ length: size }, () => random.normal());

const entries: Readonly<Record<string, Float32Array>> = {
  normal,
  'all equal': new Float32Array(size).fill(0.3),
  // The others are 4e-4 of the sum of exponentials, and each is less than the rounding of the largest.
  'one dominating': normal.map((value, index) => (index === 777 ? 20 : value)),
  'around 1000': normal.map((value) => value + 1000),
  'around -30000': normal.map((value) => value - 30_000),
  uniform: Float32Array.from({ length: size }, () => random.uniform()),
};

/** What float64 gives. */
function exactly(values: Float32Array) {
  const largest = values.reduce((most, value) => Math.max(most, value));
  const total = (of: (value: number) => number) => values.reduce((sum, value) => sum + of(value), 0);
  const exponentials = total((value) => Math.exp(value - largest));
  return {
    largest,
    sum: total((value) => value),
    magnitude: total(Math.abs),
    squares: total((value) => value * value),
    logSumExp: largest + Math.log(exponentials),
    logSoftmax: Float64Array.from(values, (value) => value - largest - Math.log(exponentials)),
  };
}

const only = (tensor: tf.Tensor): number => {
  const values = tensor.dataSync();
  expect(values).toHaveLength(1);
  return values[0]!;
};

function expectClose(found: number, wanted: number, scale = Math.abs(wanted)): void {
  expect(Math.abs(found - wanted) / scale, `${found} is not ${wanted}`).toBeLessThan(tolerance);
}

/**
 * Each probability within the tolerance of itself. That of a token far below the largest may err more: float32 holds the difference of
 * the two, which is in the exponent, with an error of 6e-8 of it.
 */
function expectProbabilities(found: ArrayLike<number>, wanted: Float64Array, values: Float32Array, largest: number) {
  expect(found).toHaveLength(size);
  let worst = 0;
  wanted.forEach((value, index) => {
    const allowed = value * Math.max(1, (largest - values[index]!) / 8);
    worst = Math.max(worst, Math.abs(found[index]! - value) / allowed);
  });
  expect(worst).toBeLessThan(tolerance);
}

describe.each(Object.entries(entries))('of entries %s', (_, values) => {
  const exact = exactly(values);

  // A sum whose terms cancel is as exact as its terms are large.
  test.each([
    ['the only axis', (x: tf.Tensor) => tf.sum(x)],
    ['the last axis', (x: tf.Tensor) => tf.sum(tf.reshape(x, [1, size]), -1)],
    ['the first axis', (x: tf.Tensor) => tf.slice(tf.sum(tf.stack([x, x, tf.neg(x)], 1), 0), 1, 1)],
    ['axes with one between', (x: tf.Tensor) => tf.sum(tf.reshape(x, [8, 1, size / 8]), [0, 2])],
    ['the first axis, kept', (x: tf.Tensor) => tf.slice(tf.sum(tf.stack([x, x], 1), 0, true), [0, 1], [1, 1])],
    ['a segment', (x: tf.Tensor) => segmentSum(x as tf.Tensor1D, tf.zeros([size], 'int32'), 1)],
  ])('the sum over %s', (__, sum) => {
    expectClose(only(tf.tidy(() => sum(tf.tensor1d(values)))), exact.sum, exact.magnitude);
  });

  test('the mean, over the last axis and over the first', () => {
    const x = tf.tensor1d(values);
    expectClose(only(tf.mean(x)), exact.sum / size, exact.magnitude / size);
    for (const mean of tf.mean(tf.stack([x, x], 1), 0).dataSync()) {
      expectClose(mean, exact.sum / size, exact.magnitude / size);
    }
  });

  test('the norm, as for the gradients of a step', () => {
    expectClose(only(tf.sqrt(tf.sum(tf.square(tf.tensor1d(values))))), Math.sqrt(exact.squares));
  });

  test('log-sum-exp, and its gradient', () => {
    const x = tf.tensor1d(values);
    expectClose(only(tf.logSumExp(x)), exact.logSumExp);
    const gradient = tf
      .grad((given) => tf.logSumExp(given))(x)
      .dataSync();
    // TensorFlow.js also differentiates the largest entry that it subtracts: a difference that is 0, up to rounding, is added there.
    const place = values.indexOf(exact.largest);
    const probabilities = exact.logSoftmax.map(Math.exp);
    expectClose(gradient[place]!, probabilities[place]!, 1);
    gradient[place] = probabilities[place]!;
    expectProbabilities(gradient, probabilities, values, exact.largest);
  });

  test('softmax', () => {
    expectProbabilities(
      tf.softmax(tf.tensor1d(values)).dataSync(),
      exact.logSoftmax.map(Math.exp),
      values,
      exact.largest,
    );
  });

  test.each([
    ['as it runs', targetLogProbs],
    ['composed', (...given: Parameters<typeof targetLogProbs>) => composedLayers.targetLogProbs(...given)],
  ])('the log-probability of a target and its gradient, %s', (__, layer) => {
    const target = 4321;
    const logits = tf.tensor2d(values, [1, size]);
    const ofTarget = (x: tf.Tensor) => layer(x as tf.Tensor2D, tf.tensor1d([target], 'int32'));
    expectClose(only(ofTarget(logits)), exact.logSoftmax[target]!);
    const gradient = tf
      .grad((x) => tf.mul(ofTarget(x), -2))(logits)
      .dataSync();
    const probabilities = exact.logSoftmax.map(Math.exp);
    expectClose(gradient[target]!, -2 * (1 - probabilities[target]!));
    // Elsewhere it is 2 p, so half of it is the probability.
    const halves = Float64Array.from(gradient, (value) => value / 2);
    halves[target] = probabilities[target]!;
    expectProbabilities(halves, probabilities, values, exact.largest);
  });

  test.each([
    ['as it runs', rmsNorm],
    ['composed', (x: tf.Tensor, weight: tf.Tensor, epsilon: number) => composedLayers.rmsNorm(x, weight, epsilon)],
  ])('root-mean-square normalisation of a wide row, and its gradients, %s', (__, layer) => {
    const x = tf.tensor2d(values, [1, size]);
    const inverse = 1 / Math.sqrt(exact.squares / size + 1e-5);
    const weight = tf.ones([size]);
    const upstream = tf.tensor2d(entries.uniform!, [1, size]);
    const normalise = (given: tf.Tensor, gain: tf.Tensor) => layer(given, gain, 1e-5);
    const found = normalise(x, weight).dataSync();
    const [dx, dweight] = tf
      .grads((...[given, gain]) => tf.sum(tf.mul(normalise(given!, gain!), upstream)))([x, weight])
      .map((gradient) => gradient.dataSync());
    const along = values.reduce((sum, value, index) => sum + value * entries.uniform![index]!, 0);
    let worst = 0;
    values.forEach((value, index) => {
      const wanted = inverse * (entries.uniform![index]! - (value * along * inverse ** 2) / size);
      worst = Math.max(
        worst,
        Math.abs(found[index]! - value * inverse) / Math.abs(value * inverse),
        Math.abs(dweight![index]! - value * inverse * entries.uniform![index]!) / Math.abs(value * inverse),
        Math.abs(dx![index]! - wanted) / inverse,
      );
    });
    expect(worst).toBeLessThan(tolerance);
  });
});

test('the gradient of the weight of a normalisation of 65,536 rows', () => {
  const values = entries.uniform!;
  const rows = tf.tensor2d(values, [size / 2, 2]);
  const wanted = [0, 0];
  for (let row = 0; row < size; row += 2) {
    const [first, second] = [values[row]!, values[row + 1]!];
    const inverse = 1 / Math.sqrt((first ** 2 + second ** 2) / 2 + 1e-5);
    wanted[0]! += first * inverse;
    wanted[1]! += second * inverse;
  }
  for (const layers of [{ rmsNorm }, composedLayers]) {
    const found = tf
      .grad((weight) => tf.sum(layers.rmsNorm(rows, weight, 1e-5)))(tf.ones([2]))
      .dataSync();
    expect(found).toHaveLength(2);
    wanted.forEach((value, index) => expectClose(found[index]!, value));
  }
});

test('a product over a long inner axis, and the gradients of a linear map from and to it', () => {
  const [a, b] = [entries.normal!, entries.uniform!];
  const x = tf.tensor2d(a, [1, size]);
  const weight = tf.tensor2d(b, [1, size]);
  const products = a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  const magnitude = a.reduce((sum, value, index) => sum + Math.abs(value * b[index]!), 0);
  expectClose(only(linear(x, weight)), products, magnitude);
  // The gradient of the head's input is a product over the vocabulary.
  const head = tf.transpose(weight);
  const dx = tf.grad((given) => tf.sum(tf.mul(linear(given as tf.Tensor2D, head), x)))(tf.ones([1, 1]));
  expectClose(only(dx), products, magnitude);
});

test('products over a long inner axis are those of their rows and columns', () => {
  const [m, k, n] = [3, 2_500, 5];
  for (const batch of [[], [2]]) {
    const count = batch.reduce((product, each) => product * each, 1);
    const [a, b] = [normal.slice(0, count * m * k), normal.slice(50_000, 50_000 + count * k * n)];
    const found = tf.matMul(tf.tensor(a, [...batch, m, k]), tf.tensor(b, [...batch, k, n])).dataSync();
    expect(found).toHaveLength(count * m * n);
    found.forEach((value, place) => {
      const [item, row, column] = [Math.floor(place / (m * n)), Math.floor(place / n) % m, place % n];
      let sum = 0;
      for (let inner = 0; inner < k; inner++) {
        sum += a[(item * m + row) * k + inner]! * b[(item * k + inner) * n + column]!;
      }
      expect(Math.abs(value - sum)).toBeLessThan(tolerance * k);
    });
  }
});
