/** Functions whose usual formula overflows, or whose gradient TensorFlow.js lacks or gets wrong. */
import * as tf from '@tensorflow/tfjs';

/**
 * `log(sigmoid(x)) = -softplus(-x)`, elementwise; exact in value and gradient from -3000 to 3000.
 *
 * tf.logSigmoid throws if it is differentiated at a tensor that is not a leaf, as in every loss like DPO's.
 *
 * @example
 * logSigmoid(tf.scalar(0)).dataSync(); // Float32Array(1) [-0.6931...]
 */
export function logSigmoid<T extends tf.Tensor>(x: T): T {
  return tf.neg(tf.softplus(tf.neg(x)));
}

/**
 * `log(1 - exp(x))` of a log-probability `x <= 0`, elementwise: the log-probability of the complement. The value is exact to 1e-7
 * or seven digits and the gradient to seven digits, from -3000 to the largest float32 number below 0.
 *
 * At 0 and above the logarithm does not exist. The value there is that at the negative number nearest to 0, which is -87.3, and the
 * gradient is 0, so that a probability that rounds to 1 does not stop a run.
 *
 * Source: Maechler, Accurately Computing log(1 - exp(-|a|)), 2012.
 *
 * @example
 * logOneMinusExp(tf.scalar(-Math.LN2)).dataSync(); // Float32Array(1) [-0.6931...]
 */
export function logOneMinusExp<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input, save) => {
    const given = input as T;
    (save as tf.GradSaveFunc)([given]);
    const below = tf.minimum(given, -smallestNormal);
    return {
      // Not log1p(-exp(x)) far from 0: the WebAssembly backend computes log1p as log(1 + x), which is no more exact than this.
      value: tf.log(tf.neg(tf.expm1(below))),
      gradFunc: (dy, saved) => {
        const [kept] = saved as [T];
        const inside = tf.cast(tf.less(kept, 0), 'float32');
        // -exp(x) / (1 - exp(x)) as -1 / (exp(-x) - 1), whose denominator overflows to infinity, so that the slope becomes 0.
        const slope = tf.div(-1, tf.expm1(tf.neg(tf.minimum(kept, -smallestNormal))));
        return tf.mul(tf.mul(dy as T, slope), inside);
      },
    };
  })(x) as unknown as T;
}

const smallestNormal = 2 ** -126;

/** The same values with a gradient of zero, as PyTorch's `detach()`. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy) => tf.zerosLike(dy),
  }))(x) as unknown as T;
}
