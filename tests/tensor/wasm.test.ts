/** The fixed WebAssembly kernels and the stable functions, against plain loops and closed forms. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { createRandom } from '../../src/core/random.js';
import { logSigmoid, stopGradient, targetLogProbs, tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

const random = createRandom(0, 'tensor tests');
const normal = (size: number) => Float32Array.from({ length: size }, () => random.normal());

const compiled = pathToFileURL(path.join(packageRoot, 'dist/src/index.js'));

test("a started backend leaves no handler that rethrows a script's errors", () => {
  const script = `
    import { useBackend } from ${JSON.stringify(compiled.href)};
    await useBackend();
    process.on('uncaughtException', (error) => console.log('heard', error.message));
    setTimeout(() => { throw new Error('mine'); });
  `;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: 'heard mine\n', status: 0 });
});

describe('matMul', () => {
  // The last two are large enough that a batch's products run one by one.
  const shapes = [
    { batch: [], m: 5, k: 7, n: 3 },
    { batch: [1], m: 4, k: 4, n: 4 },
    { batch: [6], m: 9, k: 5, n: 11 },
    { batch: [2, 3], m: 64, k: 32, n: 65 },
    { batch: [3], m: 130, k: 33, n: 70 },
  ];
  const transposes = [false, true].flatMap((a) => [false, true].map((b) => ({ a, b })));
  test.each(shapes.flatMap((shape) => transposes.map((transpose) => ({ ...shape, transpose }))))(
    '[$batch, $m, $k] times [$batch, $k, $n], transposed $transpose',
    ({ batch, m, k, n, transpose }) => {
      const count = batch.reduce((product, size) => product * size, 1);
      const a = normal(count * m * k);
      const b = normal(count * k * n);
      const left = tf.tensor(a, [...batch, ...(transpose.a ? [k, m] : [m, k])]);
      const right = tf.tensor(b, [...batch, ...(transpose.b ? [n, k] : [k, n])]);
      const product = tf.matMul(left, right, transpose.a, transpose.b);
      expect(product.shape).toEqual([...batch, m, n]);
      const found = product.dataSync();
      for (let item = 0; item < count; item++) {
        for (let row = 0; row < m; row++) {
          for (let column = 0; column < n; column++) {
            let sum = 0;
            for (let inner = 0; inner < k; inner++) {
              const fromA = transpose.a ? inner * m + row : row * k + inner;
              const fromB = transpose.b ? column * k + inner : inner * n + column;
              sum += a[item * m * k + fromA]! * b[item * k * n + fromB]!;
            }
            expect(Math.abs(found[(item * m + row) * n + column]! - sum)).toBeLessThan(1e-4);
          }
        }
      }
    },
  );

  test('neither tensors nor memory grow over a thousand batched products', () => {
    const a = tf.tensor(normal(4 * 64 * 64), [4, 64, 64]);
    const run = () => tf.tidy(() => tf.matMul(a, a, false, true).sum().dataSync()[0]);
    const first = run();
    const tensors = tf.memory().numTensors;
    const heap = process.memoryUsage().rss;
    for (let turn = 0; turn < 1000; turn++) expect(run()).toBe(first);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(process.memoryUsage().rss - heap).toBeLessThan(200e6);
  });
});

test('gather has a gradient, which is summed over repeated rows', () => {
  const gradient = tf.grad((x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')).mul(tf.tensor2d([[1], [10], [100]])));
  expect([...gradient(tf.zeros([3, 2])).dataSync()]).toEqual([10, 10, 0, 0, 101, 101]);
});

test('segments outside the range are ignored', () => {
  const sums = tf.unsortedSegmentSum(
    tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    tf.tensor1d([1, -1, 1], 'int32'),
    2,
  );
  expect(sums.arraySync()).toEqual([
    [0, 0],
    [6, 8],
  ]);
});

describe('logSigmoid', () => {
  const points = [-3000, -100, -1, 0, 1, 100, 3000];
  const exact = (x: number) => Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x)));
  test('is exact from -3000 to 3000', () => {
    const found = logSigmoid(tf.tensor1d(points)).dataSync();
    points.forEach((x, index) => expect(found[index]).toBeCloseTo(exact(x), 5));
  });
  test('has the gradient sigmoid(-x), also at a tensor that is not a leaf', () => {
    const found = tf
      .grad((x) => logSigmoid(tf.mul(x, 1)))(tf.tensor1d(points))
      .dataSync();
    points.forEach((x, index) => expect(found[index]).toBeCloseTo(1 / (1 + Math.exp(x)), 6));
  });
});

test('stopGradient keeps the value and cuts the gradient', () => {
  const gradient = tf.grad((x) => tf.mul(x, stopGradient(tf.square(x))))(tf.tensor1d([3]));
  expect(gradient.dataSync()[0]).toBe(9);
});

describe('targetLogProbs', () => {
  const rows = [
    [0.5, -1, 2, 80],
    [-3000, 3000, 0, 1],
  ];
  const targets = [2, 1];
  test('is log-softmax at the target, for large scores too', () => {
    const found = targetLogProbs(tf.tensor2d(rows), tf.tensor1d(targets, 'int32')).dataSync();
    expect(found[0]).toBeCloseTo(-78, 4);
    expect(found[1]).toBeCloseTo(0, 6);
  });
  test('has the gradient oneHot(target) - softmax, times the upstream gradient', () => {
    const scale = tf.tensor1d([1, -2]);
    const gradient = tf.grad((x) => tf.mul(targetLogProbs(tf.mul(x, 1), tf.tensor1d([2, 1], 'int32')), scale));
    const found = gradient(
      tf.tensor2d([
        [0, 0, 0, 0],
        [1, 2, 3, 4],
      ]),
    ).arraySync() as number[][];
    const softmax = [1, 2, 3, 4].map((x) => Math.exp(x) / [1, 2, 3, 4].reduce((sum, y) => sum + Math.exp(y), 0));
    [-0.25, -0.25, 0.75, -0.25].forEach((value, index) => expect(found[0]![index]).toBeCloseTo(value, 6));
    softmax.forEach((p, index) => expect(found[1]![index]).toBeCloseTo(-2 * ((index === 1 ? 1 : 0) - p), 6));
  });
});
