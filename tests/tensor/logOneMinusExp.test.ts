/** log(1 - exp(x)) against JavaScript's double-precision log1p and expm1, over the range of a float32 log-probability. */
import { beforeAll, expect, test } from 'vitest';
import { logOneMinusExp, tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

const points = [-3000, -104, -88, -17, -2, -Math.LN2, -0.69, -0.5, -1e-3, -1e-6, -1e-12, -1e-30].map(Math.fround);

test('has the value to 1e-7 or seven digits, near 0 and near minus infinity', () => {
  const found = logOneMinusExp(tf.tensor1d(points)).dataSync();
  points.forEach((x, index) => {
    const exact = x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
    expect(Math.abs(found[index]! - exact), `at ${x}`).toBeLessThanOrEqual(Math.max(1e-7, 4e-7 * Math.abs(exact)));
  });
});

test('has the gradient -1 / (exp(-x) - 1), also at a tensor that is not a leaf', () => {
  const found = tf
    .grad((x) => logOneMinusExp(tf.mul(x, 1)))(tf.tensor1d(points))
    .dataSync();
  points.forEach((x, index) => {
    const exact = -1 / Math.expm1(-x);
    // Below 1e-38 float32 has no normal numbers left.
    expect(Math.abs(found[index]! - exact), `at ${x}`).toBeLessThanOrEqual(4e-7 * Math.abs(exact) + 2e-38);
  });
});

test('is finite with a gradient of 0 if a probability was rounded to 1 or above', () => {
  const rounded = tf.tensor1d([0, 1e-9, 5, 3000]);
  expect([...logOneMinusExp(rounded).dataSync()]).toEqual(Array(4).fill(Math.fround(Math.log(2 ** -126))));
  expect(
    [
      ...tf
        .grad((x) => logOneMinusExp(x))(rounded)
        .dataSync(),
    ].map(Math.abs),
  ).toEqual([0, 0, 0, 0]);
});
