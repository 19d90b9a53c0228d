/** The miniature world: prices and places of a village, about which every response can be checked by rule. */
export * from './world.js';
export * from './vocabulary.js';
export type { Fact, FactKind, Facts } from './facts.js';
export { parsePrompt, type Question, type Task, type TaskId, taskIds, tasks } from './tasks.js';
export { type Form, parseResponse, render } from './grammar.js';
export {
  answer,
  type Demonstrator,
  type DemonstratorId,
  demonstratorIds,
  demonstratorResponder,
  demonstrators,
} from './demonstrators.js';
export { type Grade, grade, type Score, score } from './checker.js';
export { hardPrompts, preferencePrompts, pretrainingExamples, type Split, splitOf, taskMix } from './splits.js';
export { gradedJudge } from './judge.js';
export { minimalReviser } from './reviser.js';
export { buildPairs, type BuildPairsOptions } from './datasets.js';
export { pretrain, pretrainDefaults, type PretrainMetrics, type PretrainOptions } from './pretrain.js';
export { policyConfig, untrainedPolicy } from './policy.js';
