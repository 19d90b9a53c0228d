/** The evaluation room: a benchmark's examples -> prompts -> responses -> item scores -> score and standard error. */
export type { Benchmark, BenchmarkNeed, ItemScore } from './benchmark.js';
export { benchmarkIds, benchmarks, type BenchmarkId } from './benchmarks.js';
export { evaluate, type BenchmarkOptions, type EvaluateOptions, type OptionsArgument } from './evaluate.js';
export { scoreOf, standardErrorOf, type EvaluatedItem, type Evaluation } from './evaluation.js';
export type { Evaluated, TextGenerator } from './responses.js';
export type { EvaluationSplit, VillageHardExample, VillageHardOptions } from './villageHard.js';
