/** Responders, revisers and judges: the interfaces, models behind an endpoint, user functions, and prompt templates. */
export type {
  Answer,
  Comparison,
  Judge,
  Judgement,
  Origin,
  PairJudge,
  Position,
  Refusal,
  Responder,
  RespondOptions,
  Response,
  Revised,
  Reviser,
  Revision,
  Score,
} from './responder.js';
export { type AnswerFunction, asResponder, type ResponderLike } from './asResponder.js';

// Models behind an endpoint.
export { Budget, type BudgetLimits, type Price } from './endpoint/budget.js';
export { endpoint, type Endpoint } from './endpoint/endpoint.js';
export type { EndpointOptions } from './endpoint/settings.js';
export { describeUsage, type EndpointUsage } from './endpoint/usage.js';

// Revisers.
export { asReviser, type ReviserLike, type RevisionFunction } from './revisers/asReviser.js';
export { parseRevision, type ParseRevisionOptions } from './revisers/parseRevision.js';
export { promptedReviser, type PromptedReviserOptions } from './revisers/promptedReviser.js';

// Judges.
export { asJudge, type ScoreFunction } from './judges/asJudge.js';
export { asPairJudge } from './judges/asPairJudge.js';
export { ensembleJudge, type EnsembleJudgeOptions } from './judges/ensembleJudge.js';
export type { JudgeLike } from './judges/judgeLike.js';
export { type JudgedOutcome, judgeReport, type JudgeReport, type JudgeReportOptions } from './judges/judgeReport.js';
export { pairwiseJudge, type PairwiseJudgeOptions } from './judges/pairwiseJudge.js';
export { parseScore, type Scale } from './judges/parseScore.js';
export { parseVerdict, type StatedVerdict, type Verdict } from './judges/parseVerdict.js';
export {
  type CompareOptions,
  comparePairs,
  type PairItem,
  positionBias,
  type PositionBias,
} from './judges/positionBias.js';
export { promptedJudge, type PromptedJudgeOptions } from './judges/promptedJudge.js';

// Prompt templates.
export {
  loadTemplate,
  parseTemplate,
  renderTemplate,
  type Template,
  type TemplateKind,
  type TemplateValues,
  transcript,
} from './prompts/template.js';
