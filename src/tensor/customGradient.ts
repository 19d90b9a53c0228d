import * as tf from '@tensorflow/tfjs';

/** A value with its gradient. */
export interface Differentiated {
  readonly value: tf.Tensor;
  /** One gradient per input, from the gradient of the value and the saved tensors. */
  readonly gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * A function with a hand-written gradient: `tf.customGrad` with types. Every tensor that the gradient needs has to be saved; all
 * others may be disposed by then.
 */
export function differentiable(
  inputs: tf.Tensor[],
  compute: (save: (tensors: tf.Tensor[]) => void) => Differentiated,
): tf.Tensor {
  const operation = tf.customGrad((...given) => {
    const { value, gradient } = compute(given.at(-1) as tf.GradSaveFunc);
    // Without a tidy of its own, a gradient's temporary tensors live until the whole backward pass has ended.
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => gradient(dy, saved)) };
  });
  return operation(...inputs);
}
