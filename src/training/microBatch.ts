/** The losses of a step's micro-batches: from tokenized rows and reference log-probabilities to losses and logged values. */
import type { LanguageModel, Parameters } from '../model/index.js';
import type { ObjectiveEntry, ObjectiveOptions, ResponseLogProbs } from '../objectives/index.js';
import { stopGradient, tf } from '../tensor/index.js';
import { klEstimate } from './kl.js';
import { labelsOf, type TokenizedExample } from './tokenize.js';
import type { MicroBatchValues } from './metrics.js';
import { responseLogProbs } from './responseLogProbs.js';
import { predictedTokens, prefixTreeBatch } from './prefixTree.js';
import { sequenceTokens } from './sequenceTokens.js';
import type { MeasuredLoss } from './takeStep.js';

/** A pair or an unpaired example ready for training. */
export interface Example {
  /** The tokens that are trained on. */
  readonly tokenized: TokenizedExample;
  /** The tokens before they were cut to the max length; the KL estimate combines these, as TRL does. */
  readonly whole: TokenizedExample;
  /** The reference's log-probability of each response, in nats. */
  readonly references: readonly number[];
}

/** What the losses of all micro-batches of a run have in common. */
export interface LossSetting {
  readonly model: LanguageModel;
  readonly entry: ObjectiveEntry;
  readonly options: ObjectiveOptions;
  /** The frozen reference's parameters, if the objective needs a KL estimate. */
  readonly reference: Parameters | undefined;
  /** Most tokens per sequence, if sequences are cut. */
  readonly maxLength: number | undefined;
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
  /** Tokens of all micro-batches, see `sequenceTokens`. */
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
  const { model, entry, options, reference, maxLength } = setting;
  const shifts: tf.Scalar[] = [];
  const layouts = batches.map(layoutOf);
  const chosenTokens = layouts.map(({ chosen }) => sum(chosen.tokens));
  const kls = batches.map((batch) =>
    reference === undefined
      ? undefined
      : klEstimate(
          model.parameters,
          reference,
          model.config,
          batch.map(({ whole }) => whole),
          maxLength,
        ),
  );
  const lossOf = (batch: readonly Example[], index: number) => (): MeasuredLoss => {
    const tokens = prefixTreeBatch(batch.map(({ tokenized }) => tokenized));
    const policy = responseLogProbs(model.parameters, model.config, tokens);
    const kl = kls[index] ?? tf.scalar(0);
    const logProbs = logProbsByLabel(policy, layouts[index]!, kl);
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
      const values = measured.map(([policy, chosenRewards, rejectedRewards, kl], index) => ({
        paired: layouts[index]!.paired,
        labels: layouts[index]!.labels,
        policy: policy!,
        chosenRewards: chosenRewards!,
        rejectedRewards: rejectedRewards!,
        kl: kl![0]!,
      }));
      const mean = measured.at(-1)?.[4]?.[0] ?? before.mean;
      return { values, shift: { mean, count: before.count + batches.length } };
    },
    tokens: sum(batches.flat().map(({ tokenized }) => sequenceTokens(tokenized, entry))),
    dispose: () => tf.dispose([...shifts, ...kls.filter((value) => value !== undefined)]),
  };
}

/** Where a micro-batch's responses of each label are. */
interface Layout {
  readonly paired: boolean;
  /** For each response whether it is chosen (desirable). */
  readonly labels: readonly boolean[];
  readonly chosen: Responses;
  readonly rejected: Responses;
}

/** The responses of one label: their places among all responses, predicted tokens and reference log-probabilities. */
interface Responses {
  readonly places: readonly number[];
  readonly tokens: readonly number[];
  readonly references: readonly number[];
}

function layoutOf(batch: readonly Example[]): Layout {
  const responses = batch.flatMap(({ tokenized, references }) =>
    labelsOf(tokenized).map((label, which) => ({
      label,
      tokens: predictedTokens(tokenized, tokenized.responses[which]!),
      reference: references[which]!,
    })),
  );
  const ofLabel = (wanted: boolean): Responses => {
    const places = responses.flatMap(({ label }, place) => (label === wanted ? [place] : []));
    return {
      places,
      tokens: places.map((place) => responses[place]!.tokens),
      references: places.map((place) => responses[place]!.reference),
    };
  };
  return {
    paired: batch.every(({ tokenized }) => tokenized.label === undefined),
    labels: responses.map(({ label }) => label),
    chosen: ofLabel(true),
    rejected: ofLabel(false),
  };
}

/** The input of the objectives, from policy log-probabilities `[responses]`. */
function logProbsByLabel(policy: tf.Tensor1D, { chosen, rejected }: Layout, kl: tf.Scalar): ResponseLogProbs {
  const floats = (values: readonly number[]) => tf.tensor1d([...values], 'float32');
  const pick = ({ places }: Responses) => tf.gather(policy, tf.tensor1d([...places], 'int32'));
  return {
    policyChosen: pick(chosen),
    policyRejected: pick(rejected),
    referenceChosen: floats(chosen.references),
    referenceRejected: floats(rejected.references),
    chosenTokens: floats(chosen.tokens),
    rejectedTokens: floats(rejected.tokens),
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
