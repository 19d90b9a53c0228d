import * as tf from '@tensorflow/tfjs';

export interface Differentiated {
  readonly value: tf.Tensor;
  /** One gradient an input, from the gradient of the value and what was saved. */
  readonly gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * A function with its gradient written out: `tf.customGrad` with its loosely typed arguments in one place. Whatever the
 * gradient needs has to be saved; other tensors may be gone by then.
 */
export function differentiable(
  inputs: tf.Tensor[],
  compute: (save: (tensors: tf.Tensor[]) => void) => Differentiated,
): tf.Tensor {
  const operation = tf.customGrad((...given) => {
    const { value, gradient } = compute(given.at(-1) as tf.GradSaveFunc);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved) };
  });
  return operation(...inputs);
}
