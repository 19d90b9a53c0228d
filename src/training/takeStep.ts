/** One step of gradient descent: losses, gradients, clipping, update. */
import { ApolabError } from '../core/errors.js';
import type { TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { Optimizer } from './optimizer.js';
import type { ParameterGroup } from './parameterGroups.js';

export interface StepResult {
  /** The sum of the losses, which for one micro-batch is its loss. */
  readonly loss: number;
  /** The norm of all gradients together, before clipping (as TRL logs it). */
  readonly gradientNorm: number;
}

/** A loss, and what else of its forward pass is to be read: kept tensors, which the step disposes of. */
export interface MeasuredLoss {
  readonly loss: tf.Scalar;
  readonly measured: readonly tf.Tensor[];
}

/**
 * Differentiates `loss` in the parameters, scales the gradients down to `maxGradientNorm` together, and applies them.
 *
 * The scale is PyTorch's `min(1, max / (norm + 1e-6))`. A loss that is not finite changes no parameter and throws.
 *
 * @example
 * takeStep(model.trainable, optimizer, 1e-4, 1, () => tf.neg(tf.mean(logProbs())));
 */
export function takeStep(
  parameters: TrainableParameters,
  optimizer: Optimizer,
  learningRate: number,
  maxGradientNorm: number,
  loss: () => tf.Scalar,
): StepResult {
  const losses = [() => ({ loss: loss(), measured: [] })];
  return takeAccumulatedStep(parameters, optimizer, learningRate, maxGradientNorm, losses);
}

/**
 * The same over several micro-batches: their losses and gradients are added up, so that only one batch's activations are
 * in memory at a time.
 *
 * @returns beside the step's result what was measured, in the losses' order; all of it comes from the device in one read
 */
export function takeAccumulatedStep(
  parameters: TrainableParameters,
  optimizer: Optimizer,
  learningRate: number,
  maxGradientNorm: number,
  losses: readonly (() => MeasuredLoss)[],
): StepResult & { readonly measured: readonly (readonly Float32Array[])[] } {
  const passes: { readonly loss: tf.Scalar; readonly measured: readonly tf.Tensor[] }[] = [];
  let gradients: tf.Tensor[] = [];
  try {
    for (const loss of losses) {
      const pass = differentiate(parameters, optimizer.groups, loss);
      passes.push(pass);
      gradients = passes.length === 1 ? pass.gradients : add(gradients, pass.gradients);
    }
    const norm = tf.tidy(() => tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))))));
    const [ofNorm, ...values] = readTogether([norm, ...passes.flatMap(({ loss, measured }) => [loss, ...measured])]);
    norm.dispose();
    const measured = passes.map((pass) => values.splice(0, 1 + pass.measured.length));
    const result = {
      loss: measured.reduce((sum, [loss]) => sum + loss![0]!, 0),
      gradientNorm: ofNorm![0]!,
      measured: measured.map(([, ...rest]) => rest),
    };
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) throw new NotFiniteError(result);
    const scale = Math.min(1, maxGradientNorm / (result.gradientNorm + 1e-6));
    tf.tidy(() => {
      const clipped = scale === 1 ? gradients : gradients.map((gradient) => tf.mul(gradient, scale));
      optimizer.apply(clipped, learningRate);
    });
    return result;
  } finally {
    tf.dispose(gradients);
    passes.forEach(({ loss, measured }) => tf.dispose([loss, ...measured]));
  }
}

/** One loss with its gradients, laid together as the optimizer wants them. */
function differentiate(
  parameters: TrainableParameters,
  groups: readonly ParameterGroup[],
  measuredLoss: () => MeasuredLoss,
): MeasuredLoss & { readonly gradients: tf.Tensor[] } {
  let measured: readonly tf.Tensor[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const pass = measuredLoss();
    measured = pass.measured;
    return pass.loss;
  }, Object.values(parameters));
  const named = grads as Record<string, tf.Tensor | undefined>;
  const gradients = tf.tidy(() => {
    const byName = Object.fromEntries(
      Object.entries(parameters).map(([name, { name: variable }]) => [name, named[variable]]),
    );
    return groups.map((group) => group.gather(byName));
  });
  const used = new Set(gradients);
  tf.dispose(Object.values(grads).filter((gradient) => !used.has(gradient)));
  return { loss: value, measured, gradients };
}

function add(sums: readonly tf.Tensor[], gradients: readonly tf.Tensor[]): tf.Tensor[] {
  const added = sums.map((sum, index) => tf.add(sum, gradients[index]!));
  tf.dispose([...sums, ...gradients]);
  return added;
}

/** The values of many tensors, in one transfer: each read waits for the device, so one wait is better than many. */
function readTogether(tensors: readonly tf.Tensor[]): Float32Array[] {
  const joined = tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape<tf.Rank.R1>(tensor, [-1]))));
  const values = joined.dataSync<'float32'>();
  joined.dispose();
  let start = 0;
  return tensors.map(({ size }) => values.slice(start, (start += size)));
}

/** A step's loss or gradient is infinite or not a number; the parameters are as before the step. */
export class NotFiniteError extends ApolabError {
  override name = 'NotFiniteError';

  constructor({ loss, gradientNorm }: StepResult) {
    super(
      `The step was not taken: its loss is ${loss} and its gradient norm ${gradientNorm}. ` +
        'The parameters are as before it; lower the learning rate, or look at the pairs of this batch.',
    );
  }
}
