import * as tf from '@tensorflow/tfjs';

/** A value with its gradient. */
export interface Differentiated {
  readonly value: tf.Tensor;
  /** One gradient per input, from the gradient of the value and the saved tensors. */
  readonly gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * A function with a hand-written gradient: `tf.customGrad` with types. Every tensor that the gradient needs has to be saved; all
 * others may be disposed by then. `dy` and the saved tensors are freed after the gradient, which must not return them, only clones.
 */
export function differentiable(
  inputs: tf.Tensor[],
  compute: (save: (tensors: tf.Tensor[]) => void) => Differentiated,
): tf.Tensor {
  const operation = tf.customGrad((...given) => {
    const { value, gradient } = compute(given.at(-1) as tf.GradSaveFunc);
    // TensorFlow.js frees what a gradient computes, `dy` and what was saved only after the whole backward pass: the activations of all
    // layers and the gradients of all weights would be in memory together.
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const gradients = tf.tidy(() => gradient(dy, saved));
      tf.dispose([dy, ...saved]);
      return gradients;
    };
    return { value, gradFunc };
  });
  return operation(...inputs);
}

/**
 * A function whose intermediate tensors are not kept for the gradient but computed again: less memory, more time.
 *
 * @param inputs what the gradient is taken of; each must have an effect on the value
 * @param constants other tensors that `compute` needs
 */
export function recomputed(
  inputs: tf.Tensor[],
  constants: tf.Tensor[],
  compute: (inputs: tf.Tensor[], constants: tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  return differentiable(inputs, (save) => {
    save([...inputs, ...constants]);
    return {
      value: tf.tidy(() => compute(inputs, constants)),
      gradient: (dy, saved) => {
        const kept = saved.slice(inputs.length);
        // A gradient within a gradient ends with no tape; the outer one still needs its own.
        const { state } = tf.engine();
        const tape = state.activeTape;
        const gradients = tf.grads((...given) => compute(given, kept))(saved.slice(0, inputs.length), dy);
        state.activeTape = tape;
        return gradients;
      },
    };
  });
}
