/** Training on preference pairs: batches of response trees, log-probabilities, steps, metrics. */
export { adamW, adamWDefaults, type AdamWOptions, type Optimizer } from './adamW.js';
export {
  diagnose,
  type DiagnosedStep,
  type DiagnoseOptions,
  type Diagnosis,
  type Finding,
  type FindingId,
  type RewardedPair,
  type Severity,
} from './diagnose.js';
export { divergence } from './divergence.js';
export { encodePair, whyNotTrainable, type EncodedPair, type EncodedRow } from './encode.js';
export { learningRateAt, schedules, type LearningRateOptions, type Schedule } from './learningRate.js';
export { computeResponseLogProbs, responseLogProbs } from './responseLogProbs.js';
export { disposeTreeBatch, treeBatch, type TreeBatch } from './responseTree.js';
export { takeStep, NotFiniteError, type StepResult } from './takeStep.js';
export { train, trainDefaults, type StepMetrics, type TrainOptions } from './train.js';
