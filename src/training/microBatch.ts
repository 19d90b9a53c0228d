/** The losses of a step's micro-batches: from tokenized pairs and reference log-probabilities to losses and logged values. */
import type { LanguageModel, Parameters } from '../model/index.js';
import type { ObjectiveEntry, ObjectiveOptions, ResponseLogProbs } from '../objectives/index.js';
import { stopGradient, tf } from '../tensor/index.js';
import { klEstimate } from './kl.js';
import type { TokenizedPair } from './tokenize.js';
import type { MicroBatchValues } from './metrics.js';
import { responseLogProbs } from './responseLogProbs.js';
import { predictedTokens, prefixTreeBatch } from './prefixTree.js';
import type { MeasuredLoss } from './takeStep.js';

/** A pair ready for training: its tokens, and the reference's log-probabilities of its responses, in nats. */
export interface Example {
  readonly tokenized: TokenizedPair;
  readonly referenceChosen: number;
  readonly referenceRejected: number;
}

/** What the losses of all micro-batches of a run have in common. */
export interface LossSetting {
  readonly model: LanguageModel;
  readonly entry: ObjectiveEntry;
  readonly options: ObjectiveOptions;
  /** The frozen reference's parameters, if the objective needs a KL estimate. */
  readonly reference: Parameters | undefined;
}

/** BCO's reward shift: the mean of all rewards so far, the current micro-batch included; every micro-batch has equal weight. */
export interface RewardShift {
  readonly mean: number;
  /** Number of micro-batches in the mean. */
  readonly count: number;
}

/** The losses of one step's micro-batches. */
export interface StepLosses {
  readonly losses: readonly (() => MeasuredLoss)[];
  /** Interprets the values of the losses' `measured` tensors. */
  interpret(measured: readonly (readonly Float32Array[])[]): {
    readonly values: MicroBatchValues[];
    readonly shift: RewardShift;
  };
  /** Response tokens of all micro-batches. */
  readonly tokens: number;
  /** Frees the tensors that the losses share; to be called after the step. */
  dispose(): void;
}

/**
 * Prepares the losses of one step's micro-batches.
 *
 * Each loss is divided by the number of micro-batches, as in transformers. If the objective's reduction is `tokens` (SFT), the
 * loss is a mean over the tokens of the whole step instead (transformers' `num_items_in_batch`).
 *
 * @param before the reward shift before this step
 */
export function stepLosses(
  setting: LossSetting,
  batches: readonly (readonly Example[])[],
  before: RewardShift,
): StepLosses {
  const { model, entry, options, reference } = setting;
  const shifts: tf.Scalar[] = [];
  const counts = batches.map((batch) => responseTokenCounts(batch));
  const chosenTokens = counts.map(({ chosen }) => sum(chosen));
  const kls = batches.map((batch) =>
    reference === undefined
      ? undefined
      : klEstimate(
          model.parameters,
          reference,
          model.config,
          batch.map(({ tokenized }) => tokenized),
        ),
  );
  const lossOf = (batch: readonly Example[], index: number) => (): MeasuredLoss => {
    const tokens = prefixTreeBatch(batch.map(({ tokenized }) => tokenized));
    const policy = responseLogProbs(model.parameters, model.config, tokens);
    const kl = kls[index] ?? tf.scalar(0);
    const logProbs = pairLogProbs(policy, batch, counts[index]!, kl);
    const shift = entry.needsRewardShift
      ? movedShift(logProbs, options.beta, shifts.at(-1) ?? tf.scalar(before.mean), before.count + index)
      : undefined;
    if (shift !== undefined) shifts.push(tf.keep(shift.clone()));
    const result = entry.compute(shift === undefined ? logProbs : { ...logProbs, rewardShift: shift }, options);
    const weight =
      entry.reduction === 'tokens' ? chosenTokens[index]! / Math.max(1, sum(chosenTokens)) : 1 / batches.length;
    const loss = tf.mean<tf.Scalar>(result.losses);
    return {
      loss: batches.length === 1 ? loss : tf.mul(loss, weight),
      measured: [policy, result.chosenRewards, result.rejectedRewards, kl, ...(shift === undefined ? [] : [shift])].map(
        (tensor) => tf.keep(tensor.clone()),
      ),
    };
  };
  return {
    losses: batches.map(lossOf),
    interpret: (measured) => {
      const values = measured.map(([policy, chosenRewards, rejectedRewards, kl]) => ({
        policy: policy!,
        chosenRewards: chosenRewards!,
        rejectedRewards: rejectedRewards!,
        kl: kl![0]!,
      }));
      const mean = measured.at(-1)?.[4]?.[0] ?? before.mean;
      return { values, shift: { mean, count: before.count + batches.length } };
    },
    tokens: sum(counts.flatMap(({ chosen, rejected }) => [...chosen, ...rejected])),
    dispose: () => tf.dispose([...shifts, ...kls.filter((value) => value !== undefined)]),
  };
}

interface TokenCounts {
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

function responseTokenCounts(batch: readonly Example[]): TokenCounts {
  const count = (which: 0 | 1) => batch.map(({ tokenized }) => predictedTokens(tokenized, tokenized.responses[which]));
  return { chosen: count(0), rejected: count(1) };
}

/** The input of the objectives, from policy log-probabilities `[2 * pairs]`: chosen, rejected, chosen, rejected ... */
function pairLogProbs(
  policy: tf.Tensor1D,
  batch: readonly Example[],
  counts: TokenCounts,
  kl: tf.Scalar,
): ResponseLogProbs {
  const [policyChosen, policyRejected] = tf.unstack(tf.reshape(policy, [batch.length, 2]), 1) as [
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  return {
    policyChosen,
    policyRejected,
    referenceChosen: tf.tensor1d(batch.map(({ referenceChosen }) => referenceChosen)),
    referenceRejected: tf.tensor1d(batch.map(({ referenceRejected }) => referenceRejected)),
    chosenTokens: tf.tensor1d([...counts.chosen]),
    rejectedTokens: tf.tensor1d([...counts.rejected]),
    kl,
  };
}

/** The next reward shift, `mean + (batch's mean reward - mean) / (count + 1)`, without a gradient. */
function movedShift(logProbs: ResponseLogProbs, beta: number, mean: tf.Scalar, count: number): tf.Scalar {
  const ratios = tf.concat1d([
    tf.sub<tf.Tensor1D>(logProbs.policyChosen, logProbs.referenceChosen),
    tf.sub<tf.Tensor1D>(logProbs.policyRejected, logProbs.referenceRejected),
  ]);
  const batchMean = stopGradient(tf.mul<tf.Scalar>(tf.mean(ratios), beta));
  return tf.add(mean, tf.div(tf.sub(batchMean, mean), count + 1));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
