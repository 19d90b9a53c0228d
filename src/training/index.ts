/** Training on preference pairs and unpaired examples: batches of prefix trees, log-probabilities, steps, metrics, diagnosis. */
export { adamW } from './adamW.js';
export { type FindingId } from './detectors/detectors.js';
export { type DiagnosedStep, type RewardedPair, type Severity } from './detectors/evidence.js';
export { diagnose, type DiagnoseOptions, type Diagnosis, type Finding } from './diagnose.js';
export { klEstimate } from './kl.js';
export { tokensOrReason, whyNotTrainable } from './examineRow.js';
export {
  messagesOfResponse,
  tokenizeExample,
  tokenizePair,
  tokenizeRow,
  truncateRow,
  type RowPrompt,
  type RowResponse,
  type TokenizedExample,
  type TokenizedPair,
  type TokenizedRow,
} from './tokenize.js';
export { learningRateAt, schedules, warmupStepsOf, type LearningRateOptions, type Schedule } from './learningRate.js';
export {
  meanMetrics,
  shownMetrics,
  type EvaluationMetrics,
  type Step,
  type StepMetrics,
  type UnpairedStep,
  type UnpairedStepMetrics,
} from './metrics.js';
export { checkRows, refusalOfUnpaired, unpairedObjectives } from './checkRows.js';
export { sequenceTokens } from './sequenceTokens.js';
export type { Optimizer, OptimizerState } from './optimizer.js';
export {
  createOptimizer,
  optimizers,
  optimizerSettings,
  type OptimizerOptions,
  type OptimizerSettings,
} from './optimizers.js';
export { computeResponseLogProbs, responseLogProbs } from './responseLogProbs.js';
export { disposePrefixTreeBatch, prefixTreeBatch, type PrefixTreeBatch } from './prefixTree.js';
export { rmsProp } from './rmsProp.js';
export { takeAccumulatedStep, takeStep, NotFiniteError, type MeasuredLoss, type StepResult } from './takeStep.js';
export {
  findTemplateProblems,
  templateChecks,
  type CheckedRow,
  type TemplateCheckId,
  type TemplateFinding,
} from './templateChecks.js';
export { prepareExamples, type PreparedExamples, type PreparedRow } from './prepareExamples.js';
export { train } from './train.js';
export type { LossFunction, LossInput, LossResult, ObjectiveChoice, OwnObjective } from '../objectives/index.js';
export { TrainingRun } from './trainingRun.js';
export { type RunFinding, type TrainedBefore } from './trainedBefore.js';
export { listCheckpoints, readTrainerState, type TrainerState } from './checkpoint.js';
export { fingerprintPairs, fingerprintParameters } from './fingerprint.js';
export { referenceLogProbs, referenceOf, type ReferenceOptions, type ReferenceSource } from './reference.js';
export { readReferenceCache, referenceCacheFile, type ReferenceKey } from './referenceCache.js';
export {
  adamWDefaults,
  optimizerDefaults,
  rmsPropDefaults,
  trainDefaults,
  type AdamWOptions,
  type OptimizerId,
  type RMSpropOptions,
} from './trainDefaults.js';
export {
  trainSettings,
  type CheckpointOptions,
  type EarlyStopOptions,
  type EvaluateOptions,
  type TrainOptions,
  type TrainSettings,
} from './trainOptions.js';
