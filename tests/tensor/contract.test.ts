/** Every backend of this machine against the contract of src/tensor/backend.ts. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  activeBackend,
  backendIds,
  backends,
  linear,
  logSigmoid,
  read,
  readAll,
  readSync,
  targetLogProbs,
  tf,
  useBackend,
  type Backend,
} from '../../src/tensor/index.js';

const installed = backendIds.filter((id) => backends[id].isInstalled());

describe.each(installed)('the backend %s', (id) => {
  const backend: Backend = backends[id];
  beforeAll(() => useBackend(id));

  test('runs once it is prepared, and preparing it again changes nothing', async () => {
    expect(activeBackend()).toBe(id);
    const kernels = tf.getKernelsForBackend(id).length;
    backend.prepare();
    expect(tf.getKernelsForBackend(id)).toHaveLength(kernels);
    expect(await useBackend()).toBe(id);
  });

  test('describes itself in one line', () => {
    expect(backend.description).toMatch(/^[^\n]{20,120}$/);
    expect(backend.device()).toMatch(/^\d+\.\d+\.\d+ on \S[^\n]*$/);
  });

  test('reads every type of elements, in row-major order', async () => {
    expect(await read(tf.add(tf.tensor2d([[1, 2], [3, 4]]), 0.5))).toEqual(Float32Array.of(1.5, 2.5, 3.5, 4.5)); // prettier-ignore
    expect(await read(tf.add(tf.tensor1d([-1, 7], 'int32'), tf.scalar(1, 'int32')), 'int32')).toEqual(
      Int32Array.of(0, 8),
    );
    expect(await read(tf.less(tf.tensor1d([1, 3]), 2), 'bool')).toEqual(Uint8Array.of(1, 0));
    expect(await read(tf.zeros([0, 3]))).toEqual(new Float32Array(0));
  });

  test('reads the same at once, if it can, and says so if it cannot', async () => {
    const tensor = tf.square(tf.tensor1d([1, -2, 3]));
    if (backend.readValuesSync === undefined) expect(() => readSync(tensor)).toThrow('cannot read synchronously');
    else expect(readSync(tensor)).toEqual(await read(tensor));
  });

  test('reads several tensors in the order given, and keeps them', async () => {
    const tensors = [3, 1, 2].map((size) => tf.mul(tf.ones([size]), size));
    const before = tf.memory().numTensors;
    expect((await readAll(tensors)).map((values) => [...values])).toEqual([[3, 3, 3], [1], [2, 2]]);
    expect(tf.memory().numTensors).toBe(before);
    expect(tensors.some(({ isDisposed }) => isDisposed)).toBe(false);
  });

  test('refuses to read another type of elements than asked for, and a disposed tensor', async () => {
    const indices = tf.tensor1d([1, 2], 'int32');
    await expect(read(indices)).rejects.toThrow('A tensor [2] has int32 values; float32 were to be read.');
    expect(() => readSync(tf.scalar(1), 'int32')).toThrow('A tensor [] has float32 values; int32 were to be read.');
    indices.dispose();
    await expect(read(indices, 'int32')).rejects.toThrow(/disposed/);
  });

  test('has kernels for a step of training, and their gradients', async () => {
    const embedding = tf.tensor2d([[1, 0], [0, 1], [1, 1]]); // prettier-ignore
    const head = tf.tensor2d([[1, 2], [3, 4]]); // prettier-ignore
    const loss = (table: tf.Tensor, weight: tf.Tensor) => {
      const hidden = tf.gather<tf.Tensor2D>(table as tf.Tensor2D, tf.tensor1d([2, 0], 'int32'));
      const logProbs = targetLogProbs(linear(hidden, weight as tf.Tensor2D), tf.tensor1d([0, 1], 'int32'));
      return tf.mean(tf.neg(logSigmoid(logProbs)));
    };
    const { value, grads } = tf.valueAndGrads(loss)([embedding, head]);
    // Logits [3, 7] and [1, 3]: l = [-log(1 + e^4), -log(1 + e^-2)], loss = mean(log(1 + e^-l)).
    const l = [-Math.log1p(Math.exp(4)), -Math.log1p(Math.exp(-2))];
    expect((await read(value))[0]).toBeCloseTo((Math.log1p(Math.exp(-l[0]!)) + Math.log1p(Math.exp(-l[1]!))) / 2, 5);
    const outer = l.map((each) => -1 / (1 + Math.exp(each)) / 2);
    const towards = [1 / (1 + Math.exp(-4)), -1 / (1 + Math.exp(2))].map((p, row) => outer[row]! * p);
    // dlogits = [t, -t] per row; dtable = dlogits weight; dweight = dlogits^T hidden.
    const [t0, t1] = towards as [number, number];
    const expected = [
      [-2 * t1, -2 * t1, 0, 0, -2 * t0, -2 * t0],
      [t0 + t1, t0, -t0 - t1, -t0],
    ];
    const found = await readAll(grads);
    expected.forEach((values, index) =>
      values.forEach((each, place) => expect(found[index]![place]).toBeCloseTo(each, 5)),
    );
  });

  test('keeps no tensor of a step', async () => {
    const x = tf.ones<tf.Rank.R2>([4, 3]);
    const step = () => {
      const gradient = tf.tidy(() => tf.grad((weight) => tf.sum(linear(x, weight as tf.Tensor2D)))(tf.ones([2, 3])));
      gradient.dispose();
    };
    step();
    const before = tf.memory().numTensors;
    step();
    step();
    expect(tf.memory().numTensors).toBe(before);
    expect(await read(x)).toHaveLength(12);
  });
});
