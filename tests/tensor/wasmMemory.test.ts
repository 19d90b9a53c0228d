/** The WebAssembly backend with a full heap: an error that says what to do, and a backend that goes on. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { OutOfMemoryError, tf, useBackend } from '../../src/tensor/index.js';
import { wasmFreeMemory, wasmHeapLimit } from '../../src/tensor/wasmMemory.js';

const compiled = pathToFileURL(path.join(packageRoot, 'dist/src/tensor/index.js')).href;

beforeAll(() => useBackend('wasm'));

describe('free memory', () => {
  test('is at most the heap, and less by what tensors take', () => {
    const before = wasmFreeMemory().bytes;
    expect(before).toBeLessThanOrEqual(wasmHeapLimit);
    const tensor = tf.zeros([2 ** 24]);
    // The machine's memory may be the smaller one, and other programs use it.
    if (wasmFreeMemory().of.startsWith('the WebAssembly heap')) expect(before - wasmFreeMemory().bytes).toBe(2 ** 26);
    tensor.dispose();
  });
});

describe('a full heap', () => {
  test('is an OutOfMemoryError, before anything is written; the backend goes on', () => {
    const script = `
      import { tf, useBackend } from ${JSON.stringify(compiled)};
      await useBackend('wasm');
      const kept = tf.tensor1d([1, 2, 3]);
      // Takes more than half of the heap without writing into it, so that the machine does not need this memory.
      const half = tf.backend().makeOutput([600_000_000], 'float32');
      let name, message;
      try {
        tf.tidy(() => tf.add(tf.fill([600_000_000], 1), 1));
      } catch (error) {
        ({ name, message } = error);
      }
      tf.backend().disposeData(half.dataId);
      console.log(JSON.stringify({ name, message, kept: [...kept.dataSync()], sum: tf.sum(tf.ones([1000])).dataSync()[0], tensors: tf.memory().numTensors }));
    `;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(child.stderr).toBe('');
    const found = JSON.parse(child.stdout) as { name: string; message: string };
    expect(found).toMatchObject({ name: 'OutOfMemoryError', kept: [1, 2, 3], sum: 1000, tensors: 3 });
    expect(found.message).toMatch(/^The WebAssembly backend has no room for a tensor of 2\.40 GB: .*'tensorflow'/);
  });

  test('inside of a compiled kernel is an error that says that the backend must be restarted', () => {
    const error = catchError(() => overwritten(() => tf.relu(tf.tensor1d([1, 2]))));
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as Error).message).toMatch(
      /stopped in the operation Relu \(memory access out of bounds\).*restart the kernel/,
    );
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Runs with the address of the next tensors outside of the heap, as after an allocation that failed in a kernel. */
function overwritten(run: () => unknown): unknown {
  const { wasm } = tf.backend() as unknown as { wasm: { tfjs: { registerTensor: (...args: number[]) => void } } };
  const { registerTensor } = wasm.tfjs;
  wasm.tfjs.registerTensor = (id, size) => registerTensor(id, size, 2 ** 32 - 2 ** 20);
  try {
    return run();
  } finally {
    wasm.tfjs.registerTensor = registerTensor;
  }
}
