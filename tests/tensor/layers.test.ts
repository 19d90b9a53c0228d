/**
 * The layers against plain tensor operations that TensorFlow.js differentiates by itself, and against closed forms: values and
 * gradients, on the running backend and, if it has its own kernels, also as composed operations.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { composedLayers } from '../../src/tensor/composedLayers.js';
import { fusedLayers, hasFusedKernels } from '../../src/tensor/fusedLayers.js';
import {
  activeBackend,
  adamWStep,
  adaptedLinear,
  attentionOver,
  headLogProbs,
  instructionSetVariable,
  linear,
  residualSum,
  rmsNorm,
  swiGlu,
  tf,
  useBackend,
} from '../../src/tensor/index.js';
import { treesOf } from './treesOf.js';

beforeAll(() => useBackend());

const random = createRandom(0, 'layers');
const normal = (...shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
    shape,
  );

type Layer = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Value and gradients of `layer`, with a different weight for each element, through tensors that are not leaves. */
function evaluate(layer: Layer, inputs: tf.Tensor[]) {
  const value = layer(...inputs);
  const weights = tf.reshape(tf.cos(tf.range(0, value.size)), value.shape);
  const gradients = tf.grads((...given) => tf.sum(tf.mul(layer(...given.map((x) => tf.add(x, 0))), weights)))(inputs);
  return [value, ...gradients].map((tensor) => ({ shape: tensor.shape, values: [...tensor.dataSync()] }));
}

function expectSame(layer: Layer, reference: Layer, inputs: tf.Tensor[], tolerance = 2e-5): void {
  const found = evaluate(layer, inputs);
  const expected = evaluate(reference, inputs);
  expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  found.forEach(({ values }, index) => {
    const wanted = expected[index]!.values;
    const size = largest(wanted);
    const worst = largest(values.map((value, place) => value - wanted[place]!));
    expect(worst / Math.max(1, size), `tensor ${index}`).toBeLessThan(tolerance);
  });
}

/** The largest absolute value; NaN if a value is NaN. */
const largest = (values: readonly number[]) =>
  values.reduce((most, value) => (Math.abs(value) <= most ? most : Math.abs(value)), 0);

/** The layers of the running backend, and the composed ones. */
const variants = [
  ['as it runs', { linear, adaptedLinear, rmsNorm, swiGlu, attentionOver, headLogProbs }],
  ['composed', composedLayers],
] as const;

test('the TensorFlow backend on a CPU runs its own kernels, others the composed ones', () => {
  const wanted = process.env[instructionSetVariable] !== 'none';
  expect(hasFusedKernels()).toBe(activeBackend() === 'tensorflow' && wanted);
});

describe.each(variants)('%s', (_, layers) => {
  test.each([
    [5, 7, 3],
    [64, 48, 96],
    // Large enough that TensorFlow's own product takes over.
    [700, 320, 330],
  ])('linear [%i, %i] to %i', (rows, width, out) => {
    expectSame(
      (x, w) => layers.linear(x as tf.Tensor2D, w as tf.Tensor2D, false),
      (x, w) => tf.matMul(x, tf.transpose(w as tf.Tensor2D)),
      [normal(rows, width), normal(out, width)],
      1e-4,
    );
  });

  test.each([
    [5, 7, 3, 2],
    [700, 320, 330, 8],
  ])('a linear map with an adapter, [%i, %i] to %i, rank %i', (rows, width, out, rank) => {
    const weight = normal(out, width) as tf.Tensor2D;
    expectSame(
      (x, a, b) => layers.adaptedLinear(x as tf.Tensor2D, weight, a as tf.Tensor2D, b as tf.Tensor2D, 0.5),
      (x, a, b) => {
        const merged = tf.add(weight, tf.mul(0.5, tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D)));
        return tf.matMul(x, tf.transpose(merged));
      },
      [normal(rows, width), normal(rank, width), normal(out, rank)],
      1e-4,
    );
  });

  test.each([[[3, 5]], [[2, 3, 8]], [[700, 64]]])('rmsNorm over %j', (shape) => {
    const plain: Layer = (x, w) => tf.mul(tf.div(x, tf.sqrt(tf.add(tf.mean(tf.mul(x, x), -1, true), 1e-5))), w);
    expectSame((x, w) => layers.rmsNorm(x, w, 1e-5), plain, [normal(...shape), normal(shape.at(-1)!)]);
  });

  test('swiGlu, from large negative to large positive values', () => {
    const gate = tf.concat([normal(100), tf.tensor1d([-100, -30, 0, 30, 100])]);
    const plain: Layer = (z, up) => tf.mul(tf.div(z, tf.add(1, tf.exp(tf.neg(tf.clipByValue(z, -80, 80))))), up);
    expectSame((z, up) => layers.swiGlu(z, up), plain, [gate, normal(105)]);
  });

  test.each([
    { trees: [[3, 1, 1]], heads: 2, keyHeads: 2, size: 4 },
    {
      trees: [
        [9, 8, 0],
        [0, 5, 17],
        [1, 0, 0],
      ],
      heads: 4,
      keyHeads: 2,
      size: 16,
    },
    {
      trees: [
        [40, 33, 31],
        [64, 64, 1],
        [5, 70, 90],
      ],
      heads: 3,
      keyHeads: 1,
      size: 20,
    },
    {
      trees: [
        [65, 0, 0],
        [65, 0, 0],
      ],
      heads: 8,
      keyHeads: 8,
      size: 32,
    },
    { trees: [[150, 20, 260]], heads: 2, keyHeads: 1, size: 64 },
  ])('attention over $trees, $heads heads on $keyHeads of $size', ({ trees, heads, keyHeads, size }) => {
    const packed = treesOf(trees as [number, number, number][]);
    const tokens = packed.offsets.at(-1)!;
    const angles = normal(tokens, size / 2) as tf.Tensor2D;
    const hidden = new Float32Array(tokens * tokens).fill(-1e9);
    for (let token = 0; token < tokens; token++) {
      const [a, b, c, d] = packed.ranges.slice(4 * token, 4 * token + 4) as unknown as [number, number, number, number];
      hidden.fill(0, token * tokens + a, token * tokens + b).fill(0, token * tokens + c, token * tokens + d);
    }
    const mask = tf.tensor3d(hidden, [1, tokens, tokens]);
    const plain: Layer = (q, k, v) => {
      const split = (x: tf.Tensor, count: number) => tf.transpose(tf.reshape(x, [tokens, count, size]), [1, 0, 2]);
      const turn = (x: tf.Tensor) => {
        const [first, second] = tf.split(x, 2, 2) as [tf.Tensor, tf.Tensor];
        const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
        const turned = [
          tf.sub(tf.mul(first, cos), tf.mul(second, sin)),
          tf.add(tf.mul(second, cos), tf.mul(first, sin)),
        ];
        return tf.concat(turned, 2);
      };
      // Each key head is repeated for every query head that shares it.
      const shared = [...Array(heads).keys()].map((head) => Math.floor(head / (heads / keyHeads)));
      const spread = (x: tf.Tensor) => tf.gather(x, tf.tensor1d(shared, 'int32'));
      const keys = spread(turn(split(k, keyHeads)));
      const scores = tf.add(tf.div(tf.matMul(turn(split(q, heads)), keys, false, true), Math.sqrt(size)), mask);
      const mixed = tf.matMul(tf.softmax(scores), spread(split(v, keyHeads)));
      return tf.reshape(tf.transpose(mixed, [1, 0, 2]), [tokens, heads * size]);
    };
    const inputs = [heads, keyHeads, keyHeads].map((count) => normal(tokens, count * size));
    const attend: Layer = (q, k, v) =>
      layers.attentionOver(packed, angles)(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D);
    expectSame(attend, plain, inputs);
  });

  test.each([
    { rows: 5, width: 8, vocabulary: 40 },
    { rows: 300, width: 32, vocabulary: 20_011 },
  ])('log-probabilities of $rows targets of $vocabulary, trained and frozen', ({ rows, width, vocabulary }) => {
    const targets = tf.tensor1d(
      Array.from({ length: rows }, () => Math.floor(random.uniform() * vocabulary)),
      'int32',
    );
    const plain: Layer = (states, weight) =>
      tf.sum(
        tf.mul(
          tf.logSoftmax(tf.matMul(states, tf.transpose(weight as tf.Tensor2D))),
          tf.cast(tf.oneHot(targets, vocabulary), 'float32'),
        ),
        1,
      );
    const [states, weight] = [normal(rows, width), normal(vocabulary, width)] as [tf.Tensor2D, tf.Tensor2D];
    const head: Layer = (x, w) => layers.headLogProbs(x as tf.Tensor2D, w as tf.Tensor2D, targets, false);
    expectSame(head, plain, [states, weight], 1e-4);
    const frozen: Layer = (x) => layers.headLogProbs(x as tf.Tensor2D, weight, targets, true);
    expectSame(frozen, (x) => plain(x, weight), [states], 1e-4);
  });
});

test('a sum of two branches of one tensor has the gradient of both', () => {
  expectSame(
    (x, y) => residualSum(residualSum(x, y), x),
    (x, y) => tf.add(tf.mul(2, x), y),
    [normal(3, 4), normal(3, 4)],
  );
});

test('a step of AdamW is the formula, element by element', () => {
  const settings = {
    beta1: 0.9,
    beta2: 0.98,
    epsilon: 1e-8,
    stepSize: 0.01,
    correction: 0.3,
    decay: 0.999,
    scale: 0.5,
  };
  const [p, g, m] = [normal(2000), normal(2000), normal(2000)] as const;
  const v = tf.square(normal(2000));
  const [moved, mean, square] = adamWStep(p, g, m, v, settings).map((tensor) => tensor.dataSync());
  const [ps, gs, ms, vs] = [p, g, m, v].map((tensor) => tensor.dataSync()) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  ps.forEach((value, index) => {
    const slope = 0.5 * gs[index]!;
    const newMean = 0.9 * ms[index]! + 0.1 * slope;
    const newSquare = 0.98 * vs[index]! + 0.02 * slope ** 2;
    expect(Math.abs(mean![index]! - newMean)).toBeLessThan(1e-6);
    expect(Math.abs(square![index]! - newSquare)).toBeLessThan(1e-5);
    const expected = 0.999 * value - (0.01 * newMean) / (Math.sqrt(newSquare) / 0.3 + 1e-8);
    expect(Math.abs(moved![index]! - expected)).toBeLessThan(1e-5);
  });
});

test('the fused kernels refuse inputs whose shapes do not fit, and the process continues', () => {
  if (!hasFusedKernels()) return;
  expect(() => fusedLayers.swiGlu(tf.zeros([3]), tf.zeros([4]))).toThrow(/gate and up differ in size/);
  expect(() => fusedLayers.targetLogProbs(tf.zeros([1, 4]), tf.tensor1d([4], 'int32'))).toThrow(
    /outside the vocabulary/,
  );
  expect([...rmsNorm(tf.tensor1d([3, 4]), tf.ones([2]), 0).dataSync()]).toHaveLength(2);
});

test('neither tensors nor memory grow over a thousand layers and their gradients', () => {
  const inputs = [normal(300, 64), normal(64, 64)];
  const run = () =>
    tf.tidy(
      () =>
        tf
          .grads((x, w) => tf.sum(linear(x as tf.Tensor2D, w as tf.Tensor2D)))(inputs)[1]!
          .dataSync()[0],
    );
  const first = run();
  const tensors = tf.memory().numTensors;
  const resident = process.memoryUsage().rss;
  for (let turn = 0; turn < 1000; turn++) expect(run()).toBe(first);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(process.memoryUsage().rss - resident).toBeLessThan(200e6);
});
