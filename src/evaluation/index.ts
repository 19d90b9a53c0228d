/** The evaluation room: a benchmark's examples -> prompts -> responses -> item scores -> score and standard error. */
export type {
  Benchmark,
  BenchmarkNeed,
  Candidates,
  ItemId,
  ItemScore,
  Likelihood,
  LikelihoodBenchmark,
  PartScore,
  ResponseBenchmark,
  ScoredItem,
  Verdict,
} from './benchmark.js';
export { benchmarkIds, benchmarkOf, benchmarks, type BenchmarkId } from './benchmarks.js';
export { evaluate, type BenchmarkOptions, type EvaluateOptions, type OptionsArgument } from './evaluate.js';
export {
  clusteredErrorOf,
  partsOf,
  scoreOf,
  standardErrorOf,
  type EvaluatedItem,
  type Evaluation,
  type PartEvaluation,
} from './evaluation.js';
export { partLines, summaryOf } from './showEvaluation.js';
export { readResponses, type ReadyResponses } from './readResponses.js';
export type { Evaluated, TextGenerator } from './responses.js';
export type { IFEvalExample, IFEvalOptions } from './ifeval/ifeval.js';
export type { MixEvalExample, MixEvalOptions } from './mixeval/mixeval.js';
export type { MultipleChoiceOptions } from './multipleChoice.js';
export type { PreferenceAccuracyOptions, PreferenceExample } from './preferenceAccuracy.js';
export type { WinRateExample, WinRateOptions } from './winRate.js';
export type { EvaluationSplit, VillageHardExample, VillageHardOptions } from './villageHard.js';
