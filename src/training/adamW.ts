/** AdamW (Loshchilov and Hutter, arXiv 1711.05101), with PyTorch's arithmetic. */
import { tf } from '../tensor/index.js';
import type { TrainableParameters } from '../model/index.js';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const adamWDefaults: AdamWOptions = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0 };

export interface Optimizer {
  /** Moves every parameter against its gradient. */
  apply(gradients: Readonly<Record<string, tf.Tensor>>, learningRate: number): void;
  dispose(): void;
}

/**
 * `p <- p - lr wd p - lr m^ / (sqrt(v^) + epsilon)`, where `m^ = m / (1 - beta1^t)` and `v^ = v / (1 - beta2^t)` are the
 * bias-corrected running means of the gradient and its square.
 */
export function adamW(parameters: TrainableParameters, options: AdamWOptions = adamWDefaults): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const zeros = (tensor: tf.Variable) => tf.tidy(() => tf.variable(tf.zerosLike(tensor), false));
  const moments = Object.entries(parameters).map(([name, parameter]) => ({
    name,
    parameter,
    mean: zeros(parameter),
    square: zeros(parameter),
  }));
  let step = 0;
  return {
    apply(gradients, learningRate) {
      step += 1;
      const stepSize = learningRate / (1 - beta1 ** step);
      const correction = Math.sqrt(1 - beta2 ** step);
      tf.tidy(() => {
        for (const { name, parameter, mean, square } of moments) {
          const gradient = gradients[name];
          if (gradient === undefined) continue;
          mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
          square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
          const scale = tf.add(tf.div(tf.sqrt(square), correction), epsilon);
          const decayed = weightDecay === 0 ? parameter : tf.mul(parameter, 1 - learningRate * weightDecay);
          parameter.assign(tf.sub(decayed, tf.mul(tf.div(mean, scale), stepSize)));
        }
      });
    },
    dispose: () => moments.forEach(({ mean, square }) => tf.dispose([mean, square])),
  };
}
