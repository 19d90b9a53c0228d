/**
 * Sums and means of the TensorFlow backend over long axes that are not the last ones.
 *
 * TensorFlow adds the last axis as a tree, which loses nothing, but other axes row by row in single precision: over 128K equal rows that
 * loses 1e-3. So such axes are moved to the end first.
 */
import * as tf from '@tensorflow/tfjs';

interface KernelArguments {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly backend: { disposeData(dataId: object): unknown };
  readonly attrs?: Record<string, unknown>;
}

type Kernel = (args: KernelArguments) => tf.TensorInfo;

/** From this many rows on, the sum of the rows is worth a transposition. */
const longAxis = 1024;

let isFixed = false;

const kernel = (name: string) => tf.getKernel(name, 'tensorflow').kernelFunc as unknown as Kernel;

/** Replaces the kernels Sum and Mean of the backend 'tensorflow', which must be registered. Called again, it does nothing. */
export function fixTensorFlowReductions(): void {
  if (isFixed) return;
  isFixed = true;
  for (const kernelName of ['Sum', 'Mean']) {
    const stock = tf.getKernel(kernelName, 'tensorflow');
    const kernelFunc = lastAxesFirst(kernel(kernelName)) as unknown as tf.KernelFunc;
    tf.unregisterKernel(kernelName, 'tensorflow');
    tf.registerKernel({ ...stock, kernelFunc });
  }
}

function lastAxesFirst(stock: Kernel): Kernel {
  return ({ inputs, backend, attrs = {} }) => {
    const x = inputs.x!;
    const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape);
    const perm = tf.backend_util.getAxesPermutation(axes, x.shape.length);
    const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
    if (perm === null || count < longAxis) return stock({ inputs, backend, attrs });
    const moved = kernel('Transpose')({ inputs: { x }, backend, attrs: { perm } });
    const innermost = tf.backend_util.getInnerMostAxes(axes.length, x.shape.length);
    const out = stock({ inputs: { x: moved }, backend, attrs: { axis: innermost, keepDims: false } });
    backend.disposeData(moved.dataId);
    if (attrs.keepDims !== true) return out;
    const shape = tf.backend_util.expandShapeToKeepDim(out.shape, axes);
    const kept = kernel('Reshape')({ inputs: { x: out }, backend, attrs: { shape } });
    backend.disposeData(out.dataId);
    return kept;
  };
}
