/** AdamW (Loshchilov and Hutter, arXiv 1711.05101), with PyTorch's arithmetic. */
import { adamWStep, tf } from '../tensor/index.js';
import type { TrainableParameters } from '../model/index.js';
import { groupParameters, type ParameterGroup } from './parameterGroups.js';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const adamWDefaults: AdamWOptions = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0 };

export interface Optimizer {
  /** How the parameters are laid together; gradients come in the same order. */
  readonly groups: readonly ParameterGroup[];
  /** Moves every parameter against its gradient; one gradient a group. */
  apply(gradients: readonly tf.Tensor[], learningRate: number): void;
  dispose(): void;
}

/**
 * `p <- p - lr wd p - lr m^ / (sqrt(v^) + epsilon)`, where `m^ = m / (1 - beta1^t)` and `v^ = v / (1 - beta2^t)` are the
 * bias-corrected running means of the gradient and its square.
 */
export function adamW(parameters: TrainableParameters, options: AdamWOptions = adamWDefaults): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const groups = groupParameters(parameters);
  const moments = groups.map((group) => ({
    group,
    mean: zeros(group.shape),
    square: zeros(group.shape),
  }));
  let step = 0;
  return {
    groups,
    apply(gradients, learningRate) {
      step += 1;
      const stepSize = learningRate / (1 - beta1 ** step);
      const correction = Math.sqrt(1 - beta2 ** step);
      tf.tidy(() => {
        for (const [index, { group, mean, square }] of moments.entries()) {
          const gradient = gradients[index]!;
          const settings = { beta1, beta2, epsilon, stepSize, correction, decay: 1 - learningRate * weightDecay };
          const [moved, newMean, newSquare] = adamWStep(group.gather(parameters), gradient, mean, square, settings);
          mean.assign(newMean);
          square.assign(newSquare);
          const members = group.scatter(moved);
          group.names.forEach((name, place) => parameters[name]!.assign(members[place]!));
        }
      });
    },
    dispose: () => moments.forEach(({ mean, square }) => tf.dispose([mean, square])),
  };
}

const zeros = (shape: readonly number[]) => tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
