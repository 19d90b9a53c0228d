/** One step of gradient descent: loss, gradients, clipping, update. */
import type { TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { Optimizer } from './adamW.js';

export interface StepResult {
  readonly loss: number;
  /** The norm of all gradients together, before clipping (as TRL logs it). */
  readonly gradientNorm: number;
}

/**
 * Differentiates `loss` in the parameters, scales the gradients down to `maxGradientNorm` together, and applies them.
 *
 * The scale is PyTorch's `min(1, max / (norm + 1e-6))`. A loss that is not finite changes no parameter and throws.
 */
export function takeStep(
  parameters: TrainableParameters,
  optimizer: Optimizer,
  learningRate: number,
  maxGradientNorm: number,
  loss: () => tf.Scalar,
): StepResult {
  const { value, grads } = tf.variableGrads(loss, Object.values(parameters));
  const gradients = tf.tidy(() => {
    const byName = Object.fromEntries(
      Object.entries(parameters).map(([name, { name: variable }]) => [
        name,
        (grads as Record<string, tf.Tensor | undefined>)[variable],
      ]),
    );
    return optimizer.groups.map((group) => group.gather(byName));
  });
  try {
    const norm = tf.tidy(() => tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))))));
    const result = { loss: value.dataSync()[0]!, gradientNorm: norm.dataSync()[0]! };
    norm.dispose();
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) throw new NotFiniteError(result);
    const scale = Math.min(1, maxGradientNorm / (result.gradientNorm + 1e-6));
    tf.tidy(() => {
      const clipped = scale === 1 ? gradients : gradients.map((gradient) => tf.mul(gradient, scale));
      optimizer.apply(clipped, learningRate);
    });
    return result;
  } finally {
    tf.dispose([value, grads, gradients]);
  }
}

/** A step's loss or gradient is infinite or not a number; the parameters are as before the step. */
export class NotFiniteError extends Error {
  override name = 'NotFiniteError';

  constructor({ loss, gradientNorm }: StepResult) {
    super(
      `The step was not taken: its loss is ${loss} and its gradient norm ${gradientNorm}. ` +
        'The parameters are as before it; lower the learning rate, or look at the pairs of this batch.',
    );
  }
}
