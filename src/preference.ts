/** The preference room: pairs, the four ways of building them, reading and writing them, and how contrastive they are. */

// What pairs are, and who makes them.
export {
  type Message,
  type PairScores,
  type PreferencePair,
  type Prompt,
  type Provenance,
  type TokenUsage,
} from './pairs/pair.js';
export type {
  Answer,
  Comparison,
  Judge,
  Judgement,
  Origin,
  PairJudge,
  Place,
  Refusal,
  SkippedPrompt,
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
export { type Proportion, wilson } from './core/statistics.js';

// Files in and out.
export { type CardFacts, type CardFile, checkSums, datasetCard, writeCard } from './pairs/formats/card.js';
export { type CheckId, checks, type Found } from './pairs/checks/checks.js';
export {
  type Contaminated,
  contamination,
  type Contamination,
  type ContaminationOptions,
} from './pairs/checks/contamination.js';
export { type Converted, type ConvertOptions, convertPairs } from './pairs/rows/convertPairs.js';
export { deduplicatePairs } from './pairs/checks/duplicates.js';
export type { SkippedRow } from './pairs/formats/fileRow.js';
export { formatSkipped } from './pairs/rows/formatSkipped.js';
export { type FormatId, formats } from './pairs/formats/formats.js';
export { pairWriter, type PairWriter, writePairs, type WritePairsOptions } from './pairs/rows/pairWriter.js';
export {
  type PairOfRow,
  type PairRow,
  type PairsRead,
  readPairs,
  type ReadPairsOptions,
  type SkippedPair,
  streamPairs,
} from './pairs/rows/readPairs.js';
export { type PromptRow, type PromptsRead, readPrompts, streamPrompts } from './pairs/rows/readPrompts.js';
export { skippedWriter, type SkippedWriter } from './pairs/rows/skippedWriter.js';
export { type FormId, forms } from './pairs/rows/rowOfPair.js';
export {
  type Fault,
  type SetWarning,
  type ValidateOptions,
  validatePairs,
  type Validation,
} from './pairs/checks/validatePairs.js';

// Looking at pairs.
export { compare, type SetComparison } from './pairs/contrast/compare.js';
export {
  contrastiveness,
  type Contrastiveness,
  contrastivenessOfPair,
  type PairContrastiveness,
} from './pairs/contrast/contrastiveness.js';
export {
  contrastivenessOf,
  type ContrastivenessOptions,
  describe,
  type DescribeOptions,
  type SetSummary,
} from './pairs/contrast/describe.js';
export type { MeasureId, ResponseLogProbs } from './pairs/contrast/measures.js';
export { type DiffSegment, pairDiff } from './pairs/contrast/pairDiff.js';
export { showPair } from './pairs/contrast/showPair.js';
export { showPairs, type ShowPairsOptions } from './pairs/contrast/showPairs.js';
export type { Histogram, MeasureSummary } from './core/runningStatistics.js';
export { readTokenize } from './pairs/contrast/readTokenize.js';
export { splitAtWhiteSpace, type Tokenize } from './pairs/contrast/whiteSpace.js';
