/** RMSprop (Hinton's lecture 6e), with PyTorch's arithmetic: what DPO's own experiments were run with. */
import type { TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import { createMemory, decayOf, type Optimizer } from './optimizer.js';

export interface RMSpropOptions {
  /** How slowly the running mean of the squared gradient forgets. */
  readonly alpha: number;
  readonly epsilon: number;
  /** 0: no momentum. */
  readonly momentum: number;
  /** Added to the gradient (L2), as PyTorch's RMSprop does; AdamW's is decoupled. */
  readonly weightDecay: number;
  /** Whether the decay takes tensors of one axis too: norms and biases, which transformers spares. */
  readonly decayVectors: boolean;
}

export const rmsPropDefaults: RMSpropOptions = {
  alpha: 0.99,
  epsilon: 1e-8,
  momentum: 0,
  weightDecay: 0,
  decayVectors: false,
};

/**
 * `g <- g + wd p`, `v <- alpha v + (1 - alpha) g^2`, `p <- p - lr g / (sqrt(v) + epsilon)`; with momentum `p <- p - lr b`,
 * where `b <- momentum b + g / (sqrt(v) + epsilon)`.
 *
 * @example
 * const optimizer = rmsProp(model.trainable, { ...rmsPropDefaults, momentum: 0.9 });
 */
export function rmsProp(parameters: TrainableParameters, options: RMSpropOptions = rmsPropDefaults): Optimizer {
  const { alpha, epsilon, momentum } = options;
  const memory = createMemory(parameters, momentum === 0 ? ['square_avg'] : ['square_avg', 'momentum_buffer']);
  const { groups, slots } = memory;
  let steps = 0;
  return {
    groups,
    apply(gradients, learningRate) {
      steps += 1;
      tf.tidy(() => {
        for (const [index, group] of groups.entries()) {
          const values = group.gather(parameters);
          const raw = gradients[index]!;
          const decay = decayOf(group, options);
          const gradient = decay === 0 ? raw : tf.add(raw, tf.mul(values, decay));
          const square = slots.square_avg[index]!;
          square.assign(tf.add(tf.mul(square, alpha), tf.mul(tf.square(gradient), 1 - alpha)));
          const direction = tf.div(gradient, tf.add(tf.sqrt(square), epsilon));
          const buffer = momentum === 0 ? undefined : slots.momentum_buffer[index]!;
          buffer?.assign(tf.add(tf.mul(buffer, momentum), direction));
          const moved = group.scatter(tf.sub(values, tf.mul(buffer ?? direction, learningRate)));
          group.names.forEach((name, place) => parameters[name]!.assign(moved[place]!));
        }
      });
    },
    save: () => ({ steps, tensors: memory.save() }),
    restore(state) {
      memory.restore(state.tensors);
      steps = state.steps;
    },
    dispose: () => memory.dispose(),
  };
}
