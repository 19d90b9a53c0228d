/** What the gradient of one layer needs is freed before that of the layer below it is computed. */
import { beforeAll, expect, test } from 'vitest';
import { differentiable } from '../../src/tensor/customGradient.js';
import { tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

test('each gradient leaves one saved tensor less in memory', () => {
  const [depth, size] = [6, 1000];
  const bytes: number[] = [];
  const doubled = (x: tf.Tensor) =>
    differentiable([x], (save) => {
      save([tf.fill([size], 2)]);
      return {
        value: tf.mul(x, 2),
        gradient: (dy, [two]) => {
          bytes.push(tf.memory().numBytes);
          return [tf.mul(dy, two!)];
        },
      };
    });
  const before = tf.memory().numTensors;
  const gradient = tf.tidy(() =>
    tf.grad((x) => Array.from({ length: depth }).reduce<tf.Tensor>((given) => tf.tidy(() => doubled(given)), x))(
      tf.ones([size]),
    ),
  );
  expect(gradient.dataSync()[0]).toBe(2 ** depth);
  gradient.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(bytes).toHaveLength(depth);
  const drops = bytes.slice(1).map((value, index) => bytes[index]! - value);
  expect(drops.every((drop) => drop >= 4 * size)).toBe(true);
});
