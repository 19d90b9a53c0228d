/** The state of a run between its beginning and its end: what is computed before the first step, and the steps themselves. */
import type { LanguageModel, Parameters } from '../model/index.js';
import { requireGradient, type ObjectiveEntry } from '../objectives/index.js';
import type { TrainingRow } from '../pairs/rows/trainingRow.js';
import { tf } from '../tensor/index.js';
import { createBatchSampler, type BatchSampler } from './batchSampler.js';
import { fingerprintPairs, fingerprintParameters } from './fingerprint.js';
import { learningRateAt, warmupStepsOf } from './learningRate.js';
import { checkTrainingMemory } from './memory.js';
import { meanMetrics, microBatchMetrics, type UnpairedStepMetrics } from './metrics.js';
import { stepLosses, type Example, type RewardShift } from './microBatch.js';
import type { Optimizer } from './optimizer.js';
import { createOptimizer } from './optimizers.js';
import { prepareExamples } from './prepareExamples.js';
import { checkAgreement, referenceLogProbs, referenceOf, type ReferenceSource } from './reference.js';
import type { ReferenceKey } from './referenceCache.js';
import { NotFiniteError, takeAccumulatedStep } from './takeStep.js';
import { countStep, findTrainedBefore, type RunFinding } from './trainedBefore.js';
import type { TrainOptions, TrainSettings } from './trainOptions.js';

/** The inputs of a run. */
export interface RunInputs {
  readonly model: LanguageModel;
  /** All pairs, or all unpaired examples. */
  readonly rows: readonly TrainingRow[];
  readonly entry: ObjectiveEntry;
  readonly settings: TrainSettings;
  readonly options: TrainOptions<never>;
}

/** What a run computes before its first step, and what changes from step to step. */
export interface TrainingSession {
  readonly examples: readonly Example[];
  readonly sampler: BatchSampler;
  readonly optimizer: Optimizer;
  /** A copy of the frozen reference's parameters, if the objective needs a KL estimate. */
  readonly reference: Parameters | undefined;
  /** Fingerprints of model and rows, if the run uses checkpoints or a reference cache. */
  readonly fingerprints: ReferenceKey | undefined;
  /** What the template checks found in the rows, and whether the model was trained before. */
  readonly findings: readonly RunFinding[];
  readonly referenceSource: ReferenceSource;
  /** BCO's reward shift after the last step. */
  shift: RewardShift;
  /** Tokens trained on so far, see `sequenceTokens`. */
  tokens: number;
}

/**
 * Tokenizes and checks the rows, computes the reference's log-probabilities, and creates the optimizer.
 *
 * @throws ApolabError if there are no rows, or one cannot be trained on.
 */
export async function beginSession({ model, rows, entry, settings, options }: RunInputs): Promise<TrainingSession> {
  // Own objectives only: those of the catalog are tested.
  if (entry.definition !== undefined) requireGradient(entry, settings.objectiveOptions);
  const prepared = await prepareExamples(model, rows, settings.maxLength);
  const tokenized = prepared.rows.map((row) => row.tokenized);
  const { checkpoint, referenceCache, resume, onReference } = options;
  checkTrainingMemory({ model, tokenized, settings, needsKl: entry.needsKl, saves: checkpoint !== undefined });
  const frozen = await referenceOf(model);
  const needsFingerprints = checkpoint !== undefined || referenceCache !== undefined || resume !== undefined;
  const fingerprints = needsFingerprints
    ? { model: await fingerprintParameters(frozen), pairs: fingerprintPairs(tokenized) }
    : undefined;
  const cache =
    referenceCache === undefined || fingerprints === undefined
      ? undefined
      : { folder: referenceCache, key: fingerprints };
  const { values, source } = await referenceLogProbs(frozen, model.config, tokenized, {
    cache,
    onProgress: onReference,
  });
  let place = 0;
  return {
    examples: prepared.rows.map((row) => ({ ...row, references: row.tokenized.responses.map(() => values[place++]!) })),
    sampler: createBatchSampler(tokenized.length, settings),
    optimizer: createOptimizer(model.trainable, settings.optimizer),
    reference: entry.needsKl ? copyOf(frozen) : undefined,
    fingerprints,
    findings: [...findTrainedBefore(model), ...prepared.findings],
    referenceSource: source,
    shift: { mean: 0, count: 0 },
    tokens: 0,
  };
}

/** Frees the tensors of a session; the model keeps its own. */
export function endSession({ optimizer, reference }: TrainingSession): void {
  optimizer.dispose();
  if (reference !== undefined) tf.dispose(Object.values(reference));
}

/**
 * Takes one step: updates the model's parameters and the session.
 *
 * @param step counted from 0
 * @param learningRate the schedule's full rate
 * @returns the step's metrics; on pairs all of `StepMetrics`
 * @throws ApolabError if policy and reference differ at the first step.
 * @throws NotFiniteError if the loss or the gradient norm is not finite.
 */
export async function takeSessionStep(
  session: TrainingSession,
  { model, entry, settings }: RunInputs,
  step: number,
  learningRate: number,
): Promise<UnpairedStepMetrics> {
  const { sampler, optimizer, examples, reference } = session;
  const { steps } = sampler;
  const batches = sampler.batchesOf(step).map((places) => places.map((place) => examples[place]!));
  const schedule = { ...settings, learningRate, warmupSteps: warmupStepsOf(settings, steps) };
  const rate = learningRateAt(step, steps, schedule);
  const { objectiveOptions, maxLength } = settings;
  const losses = stepLosses({ model, entry, options: objectiveOptions, reference, maxLength }, batches, session.shift);
  try {
    const taken = await takeAccumulatedStep(model.trainable, optimizer, rate, settings.maxGradientNorm, losses.losses);
    const { values, shift } = losses.interpret(taken.measured);
    if (step === 0) checkAgreement(values[0]!.policy, batches[0]!);
    session.shift = shift;
    session.tokens += losses.tokens;
    countStep(model);
    return {
      step: step + 1,
      steps,
      epoch: sampler.epochAfter(step),
      loss: taken.loss,
      ...meanMetrics(values.map(microBatchMetrics)),
      ...meanMetrics(values.map(({ kl }) => ({ kl }))),
      grad_norm: taken.gradientNorm,
      learning_rate: rate,
      num_tokens: session.tokens,
    };
  } catch (error) {
    if (!(error instanceof NotFiniteError) || entry.definition === undefined) throw error;
    throw new NotFiniteError(
      error.step,
      ` The objective is your own: objectives.checkGradient says whether its losses and gradient are right, ` +
        `for example that no logarithm or root of 0 or less is taken in ${entry.label}.`,
    );
  } finally {
    losses.dispose();
  }
}

function copyOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tensor.clone())]));
}
