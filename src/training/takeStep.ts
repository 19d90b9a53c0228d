/** One training step: losses, gradients, clipping, update. */
import { ApolabError } from '../core/errors.js';
import type { TrainableParameters } from '../model/index.js';
import { readAll, tf } from '../tensor/index.js';
import type { Optimizer } from './optimizer.js';
import type { ParameterGroup } from './parameterGroups.js';

/** The numbers of one step. */
export interface StepResult {
  /** The sum of the micro-batches' losses. */
  readonly loss: number;
  /** The Euclidean norm of all gradients together, before clipping, as TRL logs it. */
  readonly gradientNorm: number;
}

/** A loss, and other results of its forward pass that are read after the step: kept tensors, which the step disposes of. */
export interface MeasuredLoss {
  readonly loss: tf.Scalar;
  readonly measured: readonly tf.Tensor[];
}

/**
 * One step with one batch: differentiates `loss` with respect to the parameters, clips the gradients to `maxGradientNorm`, and
 * applies them.
 *
 * All gradients are multiplied by `min(1, maxGradientNorm / (norm + 1e-6))`, as in PyTorch.
 *
 * @throws NotFiniteError if the loss or the gradient norm is not finite; the parameters are then unchanged.
 *
 * @example
 * const optimizer = adamW(model.trainable);
 * const loss = () => tf.neg(tf.mean(model.logits('price of tea ?')));
 * await takeStep(model.trainable, optimizer, 1e-4, 1, loss);
 */
export function takeStep(
  parameters: TrainableParameters,
  optimizer: Optimizer,
  learningRate: number,
  maxGradientNorm: number,
  loss: () => tf.Scalar,
): Promise<StepResult> {
  const losses = [() => ({ loss: loss(), measured: [] })];
  return takeAccumulatedStep(parameters, optimizer, learningRate, maxGradientNorm, losses);
}

/**
 * One step with several micro-batches: their losses and gradients are summed, so only one micro-batch's activations are in memory
 * at a time.
 *
 * @returns the step's numbers and, for each loss, the values of its `measured` tensors; all are read in one transfer
 * @throws NotFiniteError if the loss or the gradient norm is not finite; the parameters are then unchanged.
 */
export async function takeAccumulatedStep(
  parameters: TrainableParameters,
  optimizer: Optimizer,
  learningRate: number,
  maxGradientNorm: number,
  losses: readonly (() => MeasuredLoss)[],
): Promise<StepResult & { readonly measured: readonly (readonly Float32Array[])[] }> {
  const passes: { readonly loss: tf.Scalar; readonly measured: readonly tf.Tensor[] }[] = [];
  let gradients: tf.Tensor[] = [];
  try {
    for (const loss of losses) {
      const pass = differentiate(parameters, optimizer.groups, loss);
      passes.push(pass);
      gradients = passes.length === 1 ? pass.gradients : add(gradients, pass.gradients);
    }
    const norm = tf.tidy(() => tf.sqrt(tf.addN(gradients.map((gradient) => squaredNorm(gradient)))));
    const [ofNorm, ...values] = await readAll([
      norm,
      ...passes.flatMap(({ loss, measured }) => [loss, ...measured]),
    ]).finally(() => norm.dispose());
    const measured = passes.map((pass) => values.splice(0, 1 + pass.measured.length));
    const result = {
      loss: measured.reduce((sum, [loss]) => sum + loss![0]!, 0),
      gradientNorm: ofNorm![0]!,
      measured: measured.map(([, ...rest]) => rest),
    };
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) throw new NotFiniteError(result);
    const scale = Math.min(1, maxGradientNorm / (result.gradientNorm + 1e-6));
    optimizer.apply(gradients, learningRate, scale);
    return result;
  } finally {
    tf.dispose(gradients);
    passes.forEach(({ loss, measured }) => tf.dispose([loss, ...measured]));
  }
}

/** One loss with its gradients, one per group of parameters. */
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
  const byName = Object.fromEntries(
    Object.entries(parameters).map(([name, { name: variable }]) => [name, named[variable]]),
  );
  // The tensors of a group are freed before the next group is concatenated, so that no second copy of all gradients exists.
  const gradients = groups.map((group) => {
    const gathered = tf.tidy(() => group.gather(byName));
    tf.dispose(group.names.flatMap((name) => byName[name] ?? []).filter((gradient) => gradient !== gathered));
    return gathered;
  });
  return { loss: value, measured, gradients };
}

const squaredNorm = (gradient: tf.Tensor): tf.Scalar => tf.tidy(() => tf.sum(tf.square(gradient)));

function add(sums: readonly tf.Tensor[], gradients: readonly tf.Tensor[]): tf.Tensor[] {
  return sums.map((sum, index) => {
    const added = tf.add(sum, gradients[index]!);
    tf.dispose([sum, gradients[index]!]);
    return added;
  });
}

/** Thrown if a step's loss or gradient norm is infinite or NaN; the parameters are then unchanged. */
export class NotFiniteError extends ApolabError {
  override name = 'NotFiniteError';

  /** @param advice what to do besides, for example if the objective is the person's own */
  constructor(
    readonly step: Pick<StepResult, 'loss' | 'gradientNorm'>,
    advice = '',
  ) {
    super(
      `The step was not taken: its loss is ${step.loss} and its gradient norm ${step.gradientNorm}. ` +
        `The parameters are unchanged; lower the learning rate, or look at the rows of this batch.${advice}`,
    );
  }
}
