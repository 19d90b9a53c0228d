/** Sums and means over every choice of axes, and sums of segments, against plain loops: the kernels that the backends replace. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { segmentSum, tf, useBackend } from '../../src/tensor/index.js';

beforeAll(() => useBackend());

describe('reductions over several axes', () => {
  const shape = [2, 3, 4, 5] as const;
  const x = Float32Array.from({ length: 120 }, (_, index) => Math.sin(index));
  const axes = [
    [],
    [0],
    [1],
    [2],
    [3],
    [0, 1],
    [1, 2],
    [0, 2],
    [1, 3],
    [2, 0],
    [0, 1, 3],
    [0, 1, 2, 3],
    [-1],
    [-4, -1],
  ];
  test.each(axes.flatMap((each) => [false, true].map((keepDims) => [each, keepDims] as const)))(
    'over %j, kept: %s',
    (over, keepDims) => {
      const reduced = new Set(over.map((axis) => (axis + 4) % 4));
      const sums = new Map<string, number>();
      x.forEach((value, place) => {
        const indices = [Math.floor(place / 60), Math.floor(place / 20) % 3, Math.floor(place / 5) % 4, place % 5];
        const key = indices.filter((_, axis) => !reduced.has(axis)).join();
        sums.set(key, (sums.get(key) ?? 0) + value);
      });
      const wantedShape = shape.flatMap((length, axis) => (reduced.has(axis) ? (keepDims ? [1] : []) : [length]));
      const count = 120 / sums.size;
      const given = tf.tensor4d(x, [...shape]);
      for (const [reduce, divisor] of [
        [tf.sum, 1],
        [tf.mean, count],
      ] as const) {
        // prettier-ignore
        const found = reduce(given, [...over], keepDims);
        expect(found.shape).toEqual(wantedShape);
        const values = found.dataSync();
        [...sums.values()].forEach((sum, place) => expect(Math.abs(values[place]! - sum / divisor)).toBeLessThan(1e-6));
      }
    },
  );

  test('integers and booleans, and nothing', () => {
    expect(tf.sum(tf.tensor1d([1, -2, 7], 'int32')).dataSync()).toEqual(Int32Array.of(6));
    expect(tf.sum(tf.tensor1d([true, false, true], 'bool')).dataSync()).toEqual(Int32Array.of(2));
    expect(tf.mean(tf.tensor1d([1, 2], 'int32')).dataSync()).toEqual(Float32Array.of(1.5));
    expect(tf.sum(tf.zeros([0, 2]), 0).dataSync()).toEqual(Float32Array.of(0, 0));
    expect(tf.sum(tf.scalar(3)).dataSync()).toEqual(Float32Array.of(3));
  });
});

test('segments of one and of many values, and the gradient', () => {
  const ids = Int32Array.from({ length: 2_000 }, (_, index) => (index < 3 ? index : index % 2));
  const random = createRandom(0, 'segments');
  const values = Float32Array.from({ length: 2_000 }, () => random.normal());
  const wanted = [0, 0, 0, 0];
  ids.forEach((id, index) => (wanted[id]! += values[index]!));
  const sum = (x: tf.Tensor) => segmentSum(x as tf.Tensor1D, tf.tensor1d(ids, 'int32'), 4);
  const found = sum(tf.tensor1d(values)).dataSync();
  expect(found).toHaveLength(4);
  wanted.forEach((value, index) => expect(Math.abs(found[index]! - value)).toBeLessThan(1e-4));
  const weights = tf.tensor1d([1, 10, 100, 1000]);
  const gradient = tf
    .grad((x) => tf.sum(tf.mul(sum(x), weights)))(tf.tensor1d(values))
    .dataSync();
  expect([...gradient.slice(0, 5)]).toEqual([1, 10, 100, 10, 1]);
  expect(gradient).toHaveLength(2_000);
});
