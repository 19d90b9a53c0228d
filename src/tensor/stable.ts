/** Functions whose textbook form overflows, or that TensorFlow.js has no (right) gradient for. */
import * as tf from '@tensorflow/tfjs';

/**
 * `log(sigmoid(x)) = -softplus(-x)`, elementwise; exact in value and gradient from -3000 to 3000.
 *
 * tf.logSigmoid throws when it is differentiated at a tensor that is not a leaf, so in every DPO-like loss.
 *
 * @example
 * logSigmoid(tf.scalar(0)).dataSync(); // [-0.6931...]
 */
export function logSigmoid<T extends tf.Tensor>(x: T): T {
  return tf.neg(tf.softplus(tf.neg(x)));
}

/** The same values with a gradient of zero, as `detach()` in PyTorch. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy) => tf.zerosLike(dy),
  }))(x) as unknown as T;
}
