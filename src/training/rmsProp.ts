/** RMSprop (Hinton, lecture 6e), with PyTorch's arithmetic: the optimizer of the DPO paper's experiments. */
import type { TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import { decayOf, groupedOptimizer, type Optimizer } from './optimizer.js';
import { rmsPropDefaults, type RMSpropOptions } from './trainDefaults.js';

/**
 * RMSprop: `g <- g + wd p`, `v <- alpha v + (1 - alpha) g^2`, `p <- p - lr g / (sqrt(v) + epsilon)`. With momentum:
 * `b <- momentum b + g / (sqrt(v) + epsilon)`, `p <- p - lr b`.
 *
 * @example
 * const optimizer = rmsProp(model.trainable, { ...rmsPropDefaults, momentum: 0.9 });
 */
export function rmsProp(parameters: TrainableParameters, options: RMSpropOptions = rmsPropDefaults): Optimizer {
  const { alpha, epsilon, momentum } = options;
  const slots = momentum === 0 ? (['square_avg'] as const) : (['square_avg', 'momentum_buffer'] as const);
  return groupedOptimizer<'square_avg' | 'momentum_buffer'>(parameters, slots, (_, learningRate) => {
    return (group, values, unclipped, { square_avg: square, momentum_buffer: buffer }, scale) => {
      const raw = scale === 1 ? unclipped : tf.mul(unclipped, scale);
      const decay = decayOf(group, options);
      const gradient = decay === 0 ? raw : tf.add(raw, tf.mul(values, decay));
      square.assign(tf.add(tf.mul(square, alpha), tf.mul(tf.square(gradient), 1 - alpha)));
      const direction = tf.div(gradient, tf.add(tf.sqrt(square), epsilon));
      if (momentum === 0) return tf.sub(values, tf.mul(direction, learningRate));
      buffer.assign(tf.add(tf.mul(buffer, momentum), direction));
      return tf.sub(values, tf.mul(buffer, learningRate));
    };
  });
}
