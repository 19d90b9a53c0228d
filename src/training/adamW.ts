/** AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2), with PyTorch's arithmetic. */
import type { TrainableParameters } from '../model/index.js';
import { adamWStep } from '../tensor/index.js';
import { decayOf, groupedOptimizer, type Optimizer } from './optimizer.js';
import { adamWDefaults, type AdamWOptions } from './trainDefaults.js';

/**
 * AdamW: `p <- p - lr wd p - lr m^ / (sqrt(v^) + epsilon)`, with the bias-corrected running means of the gradient,
 * `m^ = m / (1 - beta1^t)`, and of its square, `v^ = v / (1 - beta2^t)`.
 *
 * @example
 * const optimizer = adamW(model.trainable, { ...adamWDefaults, weightDecay: 0.01 });
 */
export function adamW(parameters: TrainableParameters, options: AdamWOptions = adamWDefaults): Optimizer {
  const { beta1, beta2, epsilon } = options;
  return groupedOptimizer(parameters, ['exp_avg', 'exp_avg_sq'], (step, learningRate) => {
    const stepSize = learningRate / (1 - beta1 ** step);
    const correction = Math.sqrt(1 - beta2 ** step);
    return (group, values, gradient, { exp_avg, exp_avg_sq }, scale) => {
      const decay = 1 - learningRate * decayOf(group, options);
      const settings = { beta1, beta2, epsilon, stepSize, correction, decay, scale };
      const [moved, mean, square] = adamWStep(values, gradient, exp_avg, exp_avg_sq, settings);
      exp_avg.assign(mean);
      exp_avg_sq.assign(square);
      return moved;
    };
  });
}
