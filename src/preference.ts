/** What a cell's global `preference` offers: pairs, the models that answer, revise and judge, and the builders of pairs. */
export * from './pairs/index.js';
export type { Histogram, MeasureSummary } from './core/runningStatistics.js';

// Who answers, revises and judges.
export type {
  Answer,
  Comparison,
  Judge,
  Judgement,
  Origin,
  PairJudge,
  Place,
  Refusal,
  Responder,
  RespondOptions,
  Response,
  Revised,
  Reviser,
  Revision,
  Score,
} from './responders/responder.js';

// Making pairs.
export { type BuilderId, builderIds } from './builders/catalog.js';
export type { Asked, AskedPrompt } from './builders/asked.js';
export { type BuildOptions, collect } from './builders/build.js';
export type { JudgedOptions } from './builders/buildByJudge.js';
export { clair, type ClairOptions } from './builders/clair.js';
export { judgeOffPolicy, type JudgeOffPolicyOptions } from './builders/judgeOffPolicy.js';
export { judgeOnPolicy, type JudgeOnPolicyOptions } from './builders/judgeOnPolicy.js';
export type { PairStream } from './builders/pairStream.js';
export type { JudgeLike, ResponderLike, ReviserLike } from './builders/parts.js';
export { strongerPreferred, type StrongerPreferredOptions } from './builders/strongerPreferred.js';

// Models behind an endpoint.
export { Budget, type BudgetLimits, type Price } from './responders/endpoint/budget.js';
export { endpoint, type Endpoint } from './responders/endpoint/endpoint.js';
export type { EndpointOptions } from './responders/endpoint/settings.js';
export { describeUsage, type EndpointUsage } from './responders/endpoint/usage.js';

// Asking models to revise and to judge.
export { asJudge, type ScoreFunction } from './responders/judges/asJudge.js';
export { asPairJudge } from './responders/judges/asPairJudge.js';
export { type AnswerFunction, asResponder } from './responders/asResponder.js';
export { asReviser, type RevisionFunction } from './responders/revisers/asReviser.js';
export { ensembleJudge, type EnsembleJudgeOptions } from './responders/judges/ensembleJudge.js';
export {
  type JudgedOutcome,
  judgeReport,
  type JudgeReport,
  type JudgeReportOptions,
} from './responders/judges/judgeReport.js';
export { type LengthLimits, lengthReason } from './builders/lengthControl.js';
export { pairwiseJudge, type PairwiseJudgeOptions } from './responders/judges/pairwiseJudge.js';
export { parseRevision, type ParseRevisionOptions } from './responders/revisers/parseRevision.js';
export { parseScore, type Scale } from './responders/judges/parseScore.js';
export { parseVerdict, type StatedVerdict, type Verdict } from './responders/judges/parseVerdict.js';
export {
  type CompareOptions,
  comparePairs,
  type PairItem,
  positionBias,
  type PositionBias,
} from './responders/judges/positionBias.js';
export { promptedJudge, type PromptedJudgeOptions } from './responders/judges/promptedJudge.js';
export { promptedReviser, type PromptedReviserOptions } from './responders/revisers/promptedReviser.js';
export {
  loadTemplate,
  parseTemplate,
  renderTemplate,
  type Template,
  type TemplateKind,
  type TemplateValues,
  transcript,
} from './responders/prompts/template.js';
export { type Proportion, wilson } from './core/wilson.js';
