/** An objective's loss and gradient on a grid of log-ratios, as numbers for figures. */
import { ApolabError } from '../core/errors.js';
import { read, tf } from '../tensor/index.js';
import type { ObjectiveOptions, ResponseLogProbs } from './objective.js';
import { objectiveOptions } from './objectiveOptions.js';
import type { OwnOptions } from './ownObjective.js';
import { policyGradients } from './requireGradient.js';
import { resolveObjective, type ObjectiveChoice } from './resolveObjective.js';

export type { ObjectiveChoice } from './resolveObjective.js';

/** Options of `lossField`. */
export interface LossFieldOptions {
  /** The objective's beta; its default if not given. */
  readonly beta?: number;
  /** The objective's other options. */
  readonly objectiveOptions?: Partial<ObjectiveOptions> | OwnOptions;
  /** Log-ratios from `-reach` to `reach`, in nats; 40 by default. */
  readonly reach?: number;
  /** Points per axis. */
  readonly points?: number;
}

/** Tokens per response, for objectives that take means per token. */
const tokens = 20;

/** The losses and gradients of a grid. A row has one log-ratio of the rejected response, a column one of the chosen response. */
export interface LossField {
  readonly label: string;
  readonly options: ObjectiveOptions;
  /** The log-ratios of both axes, in nats. */
  readonly logRatios: readonly number[];
  /** The loss of a pair: the mean of its two losses if the objective is not paired. */
  readonly losses: readonly (readonly number[])[];
  /** The derivative of `losses` with respect to the log-probability of the chosen response. */
  readonly chosenGradients: readonly (readonly number[])[];
  /** As `chosenGradients`, for the rejected response. */
  readonly rejectedGradients: readonly (readonly number[])[];
}

/**
 * The loss of one pair for every combination of log-ratios. Responses have 20 tokens; the KL estimate and the reward shift are 0.
 *
 * @throws ApolabError if `reach` or `points` is out of range, or the objective is wrong.
 * @example
 * const { losses } = await lossField('dpo', { beta: 0.1, reach: 10, points: 3 });
 * losses[1][1]; // 0.6931 (both log-ratios 0)
 */
export async function lossField(
  objective: ObjectiveChoice,
  { beta, objectiveOptions: others = {}, reach = 40, points = 41 }: LossFieldOptions = {},
): Promise<LossField> {
  if (!(reach > 0 && Number.isFinite(reach)))
    throw new ApolabError(`reach is ${reach}; it has to be a number above 0.`);
  if (!Number.isInteger(points) || points < 2) throw new ApolabError(`points is ${points}; it has to be 2 or more.`);
  const entry = resolveObjective(objective);
  const options = objectiveOptions(entry, { ...others, ...(beta === undefined ? {} : { beta }) });
  const logRatios = Array.from({ length: points }, (_, index) => -reach + (2 * reach * index) / (points - 1));
  const [losses, chosen, rejected] = tf.tidy(() => {
    const logProbs = gridOf(logRatios, reach);
    const result = entry.compute(logProbs, options).losses;
    const gradients = policyGradients(entry, logProbs, options);
    const perPair = entry.paired ? result : tf.mean(tf.reshape(result, [2, points ** 2]), 0);
    const share = entry.paired ? 1 : 1 / 2;
    return [
      perPair,
      ...gradients.map((gradient) => (gradient === undefined ? tf.zerosLike(perPair) : tf.mul(gradient, share))),
    ];
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const all = [losses, chosen, rejected];
  try {
    const [lossRows, chosenRows, rejectedRows] = await Promise.all(
      all.map(async (tensor) => rowsOf(await read(tensor), points)),
    );
    return {
      label: entry.label,
      options,
      logRatios,
      losses: lossRows!,
      chosenGradients: chosenRows!,
      rejectedGradients: rejectedRows!,
    };
  } finally {
    tf.dispose(all);
  }
}

/** One pair per combination. The reference is so far below 0 that the policy's log-probabilities stay negative. */
function gridOf(logRatios: readonly number[], reach: number): ResponseLogProbs {
  const reference = -(reach + tokens);
  const points = logRatios.length;
  const grid = (ratioOf: (row: number, column: number) => number) =>
    tf.tensor1d(Array.from({ length: points ** 2 }, (_, place) => ratioOf(Math.floor(place / points), place % points)));
  const constant = (value: number) => grid(() => value);
  return {
    policyChosen: grid((_, column) => reference + logRatios[column]!),
    policyRejected: grid((row) => reference + logRatios[row]!),
    referenceChosen: constant(reference),
    referenceRejected: constant(reference),
    chosenTokens: constant(tokens),
    rejectedTokens: constant(tokens),
    kl: tf.scalar(0),
    rewardShift: tf.scalar(0),
  };
}

function rowsOf(values: ArrayLike<number>, points: number): number[][] {
  return Array.from({ length: points }, (_, row) => Array.from(values).slice(row * points, (row + 1) * points));
}
