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

/**
 * `log(1 - exp(x))` of a log-probability `x <= 0`, elementwise: the log-probability of the opposite, to 1e-7 or
 * seven digits, and its gradient to seven digits, from -3000 to the float32 number before 0.
 *
 * At 0 and above, where there is no such logarithm, it is that of the smallest normal number below 0, -87.3, with a
 * gradient of 0: a probability that rounds to 1 stops a run from going on no more than one that nearly does.
 *
 * Source: Maechler, Accurately Computing log(1 - exp(-|a|)), 2012.
 *
 * @example
 * logOneMinusExp(tf.scalar(-Math.LN2)).dataSync(); // [-0.6931...]
 */
export function logOneMinusExp<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input, save) => {
    const given = input as T;
    (save as tf.GradSaveFunc)([given]);
    const below = tf.minimum(given, -smallestNormal);
    return {
      // Not log1p(-exp(x)) far from 0: WebAssembly's log1p is log(1 + x), which has no more digits than this.
      value: tf.log(tf.neg(tf.expm1(below))),
      gradFunc: (dy, saved) => {
        const [kept] = saved as [T];
        const inside = tf.cast(tf.less(kept, 0), 'float32');
        // -exp(x) / (1 - exp(x)), as one over a number that overflows to infinity rather than to a difference of two.
        const slope = tf.div(-1, tf.expm1(tf.neg(tf.minimum(kept, -smallestNormal))));
        return tf.mul(tf.mul(dy as T, slope), inside);
      },
    };
  })(x) as unknown as T;
}

const smallestNormal = 2 ** -126;

/** The same values with a gradient of zero, as `detach()` in PyTorch. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy) => tf.zerosLike(dy),
  }))(x) as unknown as T;
}
