/** Values out of tensors. */
import type * as tf from '@tensorflow/tfjs';
import { ApolabError } from '../core/errors.js';
import type { Backend, ValuesOf } from './backend.js';
import { activeBackend, backends } from './backends.js';

/**
 * Resolves to the values of a tensor, in row-major order. This is how training and generation read: it works on every backend,
 * also on one that cannot read synchronously.
 *
 * Read outside of `tf.tidy`: a tidy disposes the tensor before the values arrive, and inside of it even `dataSync()` is slow.
 * The tensor stays the caller's, who disposes it after the promise has resolved. Do not write into the array: the backend may
 * still use it.
 *
 * @param dtype the tensor's type of elements; float32 by default
 * @throws ApolabError if the tensor has another type of elements.
 * @throws Error if the tensor is disposed.
 * @example
 * await read(tf.scalar(0.5)); // Float32Array(1) [0.5]
 */
export async function read<Dtype extends keyof ValuesOf = 'float32'>(
  tensor: tf.Tensor,
  dtype?: Dtype,
): Promise<ValuesOf[Dtype]> {
  checkDtype(tensor, dtype ?? 'float32');
  return (await reader().readValues(tensor)) as ValuesOf[Dtype];
}

/**
 * Resolves to the values of several float32 tensors, in the order given. All are read at once, so a GPU is waited for only
 * once. The rules of `read` apply.
 *
 * @throws ApolabError if a tensor is not float32.
 * @example
 * const [losses, rewards] = await readAll([tf.tensor1d([1, 2]), tf.tensor1d([3])]);
 */
export function readAll(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  return Promise.all(tensors.map((tensor) => read(tensor)));
}

/**
 * The values of a tensor at once, for code that cannot wait. Prefer `read`.
 *
 * @param dtype the tensor's type of elements; float32 by default
 * @throws ApolabError if the running backend can only read asynchronously, or if the tensor has another type of elements.
 * @example
 * readSync(tf.range(0, 3, 1, 'int32'), 'int32'); // Int32Array(3) [0, 1, 2]
 */
export function readSync<Dtype extends keyof ValuesOf = 'float32'>(tensor: tf.Tensor, dtype?: Dtype): ValuesOf[Dtype] {
  checkDtype(tensor, dtype ?? 'float32');
  const { readValuesSync } = reader();
  if (readValuesSync === undefined) {
    throw new ApolabError(`The backend '${activeBackend()}' cannot read synchronously; write 'await read(tensor)'.`);
  }
  return readValuesSync(tensor) as ValuesOf[Dtype];
}

function reader(): Backend {
  return backends[activeBackend() ?? 'wasm'];
}

function checkDtype({ dtype, shape }: tf.Tensor, expected: keyof ValuesOf): void {
  if (dtype === expected) return;
  throw new ApolabError(`A tensor [${shape.join(', ')}] has ${dtype} values; ${expected} were to be read.`);
}
