/**
 * Preference training as an async iterator of step metrics: the loop belongs to the caller, who can stop, look, evaluate
 * the model between two steps and go on.
 */
import { ApolabError } from '../errors.js';
import type { LanguageModel, Parameters } from '../model/index.js';
import { findObjective, type ObjectiveId, type ObjectiveOptions, type ResponseLogProbs } from '../objectives/index.js';
import type { PreferencePair } from '../preference/pair.js';
import { createRandom } from '../random.js';
import { tf } from '../tensor/index.js';
import { adamW, adamWDefaults, type AdamWOptions } from './adamW.js';
import { divergence } from './divergence.js';
import { encodePair, whyNotTrainable, type EncodedPair } from './encode.js';
import { learningRateAt, type Schedule } from './learningRate.js';
import { computeResponseLogProbs, responseLogProbs } from './responseLogProbs.js';
import { disposeTreeBatch, treeBatch, type TreeBatch } from './responseTree.js';
import { takeStep } from './takeStep.js';

/** Any other text: editors offer the known ids, and a wrong one is told with the nearest of them. */
type OtherName = string & Record<never, never>;

export interface TrainOptions {
  /** An id of the table of objectives. */
  readonly objective: ObjectiveId | OtherName;
  /** Weight of the log-ratios in the objective. */
  readonly beta?: number;
  readonly learningRate?: number;
  readonly epochs?: number;
  /** Pairs a step; the last step of an epoch takes what is left. */
  readonly batchSize?: number;
  readonly seed?: number;
  /** Draw a new order of the pairs each epoch. */
  readonly shuffle?: boolean;
  readonly schedule?: Schedule;
  readonly warmupSteps?: number;
  /** The schedule falls to this share of the learning rate and no further. */
  readonly minimumRatio?: number;
  /** Gradients are scaled down together to this norm. */
  readonly maxGradientNorm?: number;
  readonly optimizer?: Partial<AdamWOptions>;
}

export const trainDefaults = {
  beta: 0.1,
  learningRate: 1e-4,
  epochs: 1,
  batchSize: 16,
  seed: 0,
  shuffle: true,
  schedule: 'constant',
  warmupSteps: 0,
  minimumRatio: 0,
  maxGradientNorm: 1,
  optimizer: adamWDefaults,
} as const satisfies Required<Omit<TrainOptions, 'objective'>>;

/** What one step did, under the names by which TRL logs it; log-probabilities and rewards are means over the batch. */
export interface StepMetrics {
  /** Counted from 1. */
  readonly step: number;
  readonly steps: number;
  /** Epochs done after this step; a whole number at the end of each. */
  readonly epoch: number;
  readonly loss: number;
  readonly 'rewards/chosen': number;
  readonly 'rewards/rejected': number;
  /** Share of pairs whose chosen response has the greater reward. */
  readonly 'rewards/accuracies': number;
  readonly 'rewards/margins': number;
  readonly 'logps/chosen': number;
  readonly 'logps/rejected': number;
  /** KTO's estimate of KL(policy || reference); 0 for objectives that have none. */
  readonly kl: number;
  readonly grad_norm: number;
  readonly learning_rate: number;
  /** Response tokens trained on so far. */
  readonly num_tokens: number;
}

/**
 * Trains `model` on pairs, in place; its parameters as they are now are the reference.
 *
 * The reference's log-probabilities are computed once. At the first step policy and reference must agree, which is checked.
 *
 * @throws ApolabError where there are no pairs, a pair cannot be trained on, or policy and reference disagree at the start.
 * @throws UnknownNameError for an objective that is none.
 *
 * @example
 * for await (const step of training.train(policy, pairs, { objective: 'apo_zero' })) {
 *   console.log(step.step, step.loss, step['rewards/margins']);
 * }
 */
export async function* train(
  model: LanguageModel,
  pairs: readonly PreferencePair[],
  options: TrainOptions,
): AsyncGenerator<StepMetrics, void> {
  const settings = { ...trainDefaults, ...options, optimizer: { ...adamWDefaults, ...options.optimizer } };
  const objective = findObjective(settings.objective);
  const examples = withReference(model, pairs);
  const reference = objective.needsDivergence ? copyOf(model.parameters) : undefined;
  const optimizer = adamW(model.parameters, settings.optimizer);
  const stepsAnEpoch = Math.ceil(examples.length / settings.batchSize);
  const steps = stepsAnEpoch * settings.epochs;
  let tokens = 0;
  try {
    let order: readonly Example[] = [];
    for (let step = 0; step < steps; step++) {
      const place = step % stepsAnEpoch;
      if (place === 0) order = epochOrder(examples, settings, step / stepsAnEpoch);
      const batch = order.slice(place * settings.batchSize, (place + 1) * settings.batchSize);
      const trees = treeBatch(batch.map(({ encoded }) => encoded));
      const rate = learningRateAt(step, steps, settings);
      const kl =
        reference === undefined
          ? 0
          : divergence(
              model.parameters,
              reference,
              model.config,
              batch.map(({ encoded }) => encoded),
            );
      const kept: Measured[] = [];
      const { loss, gradientNorm } = takeStep(model.parameters, optimizer, rate, settings.maxGradientNorm, () => {
        const policy = responseLogProbs(model.parameters, model.config, trees);
        const logProbs = pairLogProbs(policy, batch, trees, kl);
        const result = objective.compute(logProbs, {
          ...objective.defaults,
          beta: settings.beta,
        } satisfies ObjectiveOptions);
        kept.push({
          policy: tf.keep(policy.clone()),
          chosenRewards: tf.keep(result.chosenRewards.clone()),
          rejectedRewards: tf.keep(result.rejectedRewards.clone()),
        });
        return tf.mean(result.losses);
      });
      disposeTreeBatch(trees);
      tokens += trees.responseTokens.reduce((sum, count) => sum + count, 0);
      const measured = read(kept[0]!);
      if (step === 0) checkAgreement(measured.policy, batch);
      yield {
        step: step + 1,
        steps,
        epoch: (step + 1) / stepsAnEpoch,
        loss,
        ...rewardMetrics(measured),
        kl,
        grad_norm: gradientNorm,
        learning_rate: rate,
        num_tokens: tokens,
      };
      // A timer, not a microtask: interrupts, progress and the kernel's other messages get their turn between steps.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    optimizer.dispose();
    if (reference !== undefined) tf.dispose(Object.values(reference));
  }
}

interface Example {
  readonly encoded: EncodedPair;
  readonly referenceChosen: number;
  readonly referenceRejected: number;
}

function withReference(model: LanguageModel, pairs: readonly PreferencePair[]): Example[] {
  if (pairs.length === 0) throw new ApolabError('There are no pairs to train on.');
  pairs.forEach((pair, index) => {
    const reason = whyNotTrainable(model.tokenizer, model.config.maxPositions, pair);
    if (reason !== undefined)
      throw new ApolabError(`Pair ${index + 1} of ${pairs.length} cannot be trained on: ${reason}.`);
  });
  const encoded = pairs.map((pair) => encodePair(model.tokenizer, pair));
  const logProbs = computeResponseLogProbs(model.parameters, model.config, encoded);
  return encoded.map((pair, index) => ({
    encoded: pair,
    referenceChosen: logProbs[2 * index]!,
    referenceRejected: logProbs[2 * index + 1]!,
  }));
}

function epochOrder(
  examples: readonly Example[],
  { shuffle, seed }: { readonly shuffle: boolean; readonly seed: number },
  epoch: number,
): readonly Example[] {
  return shuffle ? createRandom(seed, 'order of pairs', epoch).shuffle(examples) : examples;
}

/** Policy log-probabilities come chosen, rejected, chosen, rejected ...; the objectives take the two apart. */
function pairLogProbs(policy: tf.Tensor1D, batch: readonly Example[], trees: TreeBatch, kl: number): ResponseLogProbs {
  const [policyChosen, policyRejected] = tf.unstack(tf.reshape(policy, [batch.length, 2]), 1) as [
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  const tokens = (offset: number) => trees.responseTokens.filter((_, index) => index % 2 === offset);
  return {
    policyChosen,
    policyRejected,
    referenceChosen: tf.tensor1d(batch.map(({ referenceChosen }) => referenceChosen)),
    referenceRejected: tf.tensor1d(batch.map(({ referenceRejected }) => referenceRejected)),
    chosenTokens: tf.tensor1d(tokens(0)),
    rejectedTokens: tf.tensor1d(tokens(1)),
    divergence: tf.scalar(kl),
  };
}

interface Measured {
  readonly policy: tf.Tensor1D;
  readonly chosenRewards: tf.Tensor1D;
  readonly rejectedRewards: tf.Tensor1D;
}

type MeasuredValues = Readonly<Record<keyof Measured, Float32Array>>;

function read(measured: Measured): MeasuredValues {
  const values = {
    policy: measured.policy.dataSync<'float32'>(),
    chosenRewards: measured.chosenRewards.dataSync<'float32'>(),
    rejectedRewards: measured.rejectedRewards.dataSync<'float32'>(),
  };
  tf.dispose({ ...measured });
  return values;
}

const mean = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

function rewardMetrics({ policy, chosenRewards, rejectedRewards }: MeasuredValues) {
  const margins = chosenRewards.map((reward, index) => reward - rejectedRewards[index]!);
  return {
    'rewards/chosen': mean(chosenRewards),
    'rewards/rejected': mean(rejectedRewards),
    'rewards/accuracies': mean(margins.map((margin) => (margin > 0 ? 1 : 0))),
    'rewards/margins': mean(margins),
    'logps/chosen': mean(policy.filter((_, index) => index % 2 === 0)),
    'logps/rejected': mean(policy.filter((_, index) => index % 2 === 1)),
  };
}

/** Nats a response by which policy and reference may differ before the first update: float32 sums, laid out differently. */
const agreement = 1e-2;

function checkAgreement(policy: Float32Array, batch: readonly Example[]): void {
  batch.forEach(({ referenceChosen, referenceRejected }, index) => {
    const differences = [policy[2 * index]! - referenceChosen, policy[2 * index + 1]! - referenceRejected];
    if (differences.some((difference) => !(Math.abs(difference) <= agreement))) {
      throw new ApolabError(
        `Before the first update policy and reference must agree, but pair ${index + 1} of the first batch differs by ` +
          `${differences.map((difference) => difference.toFixed(3)).join(' and ')} nats (chosen and rejected). ` +
          'The reference log-probabilities are of another model, tokenizer or set of pairs.',
      );
    }
  });
}

function copyOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tensor.clone())]));
}
