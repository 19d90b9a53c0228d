/** The preference room: pairs, the four ways of building them, reading and writing them, and how contrastive they are. */

// What pairs are, and who makes them.
export {
  type DatasetId,
  datasetIds,
  type Message,
  type PairScores,
  type PreferencePair,
  type Prompt,
  type Provenance,
  type TokenUsage,
} from './pair.js';
export type {
  Answer,
  Comparison,
  Judge,
  Judgement,
  Origin,
  PairJudge,
  Place,
  Refusal,
  RejectedPrompt,
  Responder,
  RespondOptions,
  Response,
  Revised,
  Reviser,
  Revision,
  Score,
} from './responder.js';

// Making pairs.
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
export { Budget, type BudgetLimits, type Price } from './endpoint/budget.js';
export { endpoint, type Endpoint } from './endpoint/endpoint.js';
export type { EndpointOptions } from './endpoint/settings.js';
export { describeUsage, type EndpointUsage } from './endpoint/usage.js';

// Asking models to revise and to judge.
export { asJudge, type ScoreFunction } from './prompts/asJudge.js';
export { asPairJudge } from './prompts/asPairJudge.js';
export { type AnswerFunction, asResponder } from './prompts/asResponder.js';
export { asReviser, type RevisionFunction } from './prompts/asReviser.js';
export { ensembleJudge, type EnsembleJudgeOptions } from './prompts/ensembleJudge.js';
export { type JudgedOutcome, judgeReport, type JudgeReport, type JudgeReportOptions } from './prompts/judgeReport.js';
export { type LengthLimits, lengthReason } from './prompts/lengthControl.js';
export { pairwiseJudge, type PairwiseJudgeOptions } from './prompts/pairwiseJudge.js';
export { parseRevision, type ParseRevisionOptions } from './prompts/parseRevision.js';
export { parseScore, type Scale } from './prompts/parseScore.js';
export { parseVerdict, type StatedVerdict, type Verdict } from './prompts/parseVerdict.js';
export {
  type CompareOptions,
  comparePairs,
  type PairItem,
  positionBias,
  type PositionBias,
} from './prompts/positionBias.js';
export { promptedJudge, type PromptedJudgeOptions } from './prompts/promptedJudge.js';
export { promptedReviser, type PromptedReviserOptions } from './prompts/promptedReviser.js';
export {
  loadTemplate,
  parseTemplate,
  renderTemplate,
  type Template,
  type TemplateKind,
  type TemplateValues,
  transcript,
} from './prompts/template.js';
export { type Proportion, wilson } from './prompts/wilson.js';

// Files in and out.
export { type CardFacts, type CardFile, checkSums, datasetCard, writeCard } from './files/card.js';
export { type CheckId, checks, type Found } from './files/checks.js';
export {
  type Contaminated,
  contamination,
  type Contamination,
  type ContaminationOptions,
} from './files/contamination.js';
export { type Converted, type ConvertOptions, convertPairs } from './files/convertPairs.js';
export { deduplicatePairs } from './files/duplicates.js';
export type { RejectedRow } from './files/fileRow.js';
export { formatRejections } from './files/formatRejections.js';
export { type FormatId, formats } from './files/formats.js';
export { pairWriter, type PairWriter, writePairs, type WritePairsOptions } from './files/pairWriter.js';
export {
  type PairOfRow,
  type PairRow,
  type PairsRead,
  readPairs,
  type ReadPairsOptions,
  type RejectedPair,
  streamPairs,
} from './files/readPairs.js';
export { type PromptRow, type PromptsRead, readPrompts, streamPrompts } from './files/readPrompts.js';
export { rejectionsWriter, type RejectionsWriter } from './files/rejectionsWriter.js';
export { type FormId, forms } from './files/rowOfPair.js';
export {
  type Fault,
  type SetWarning,
  type ValidateOptions,
  validatePairs,
  type Validation,
} from './files/validatePairs.js';

// Looking at pairs.
export { compare, type SetComparison } from './contrast/compare.js';
export {
  contrastiveness,
  type Contrastiveness,
  contrastivenessOfPair,
  type PairContrastiveness,
} from './contrast/contrastiveness.js';
export {
  contrastivenessOf,
  type ContrastivenessOptions,
  describe,
  type DescribeOptions,
  type SetSummary,
} from './contrast/describe.js';
export type { MeasureId, ResponseLogProbs } from './contrast/measures.js';
export { type DiffSegment, pairDiff } from './contrast/pairDiff.js';
export { showPair } from './contrast/showPair.js';
export { showPairs, type ShowPairsOptions } from './contrast/showPairs.js';
export type { Histogram, MeasureSummary } from './contrast/tally.js';
export { readTokenize } from './contrast/readTokenize.js';
export { splitAtWhiteSpace, type Tokenize } from './contrast/whiteSpace.js';
