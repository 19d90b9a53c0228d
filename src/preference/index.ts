/** The preference room: pairs, the four ways of building them, reading and writing them, and how contrastive they are. */

// What pairs are, and who makes them.
export {
  datasetIds,
  type DatasetId,
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
export type { Place } from './responder.js';

// Making pairs.
export type { Asked, AskedPrompt } from './builders/asked.js';
export { collect, type BuildOptions } from './builders/build.js';
export type { JudgedOptions } from './builders/buildByJudge.js';
export { clair, type ClairOptions } from './builders/clair.js';
export { judgeOffPolicy, type JudgeOffPolicyOptions } from './builders/judgeOffPolicy.js';
export { judgeOnPolicy, type JudgeOnPolicyOptions } from './builders/judgeOnPolicy.js';
export type { PairStream } from './builders/pairStream.js';
export type { JudgeLike, ResponderLike, ReviserLike } from './builders/parts.js';
export { strongerPreferred, type StrongerPreferredOptions } from './builders/strongerPreferred.js';

// Models behind an endpoint.
export { Budget, type BudgetLimits, type Price } from './endpoint/budget.js';
export {
  describeUsage,
  endpoint,
  type Endpoint,
  type EndpointOptions,
  type EndpointUsage,
} from './endpoint/endpoint.js';

// Asking models to revise and to judge.
export { asJudge, type ScoreFunction } from './prompts/asJudge.js';
export { asPairJudge } from './prompts/asPairJudge.js';
export { asResponder, type AnswerFunction } from './prompts/asResponder.js';
export { asReviser, type RevisionFunction } from './prompts/asReviser.js';
export { ensembleJudge, type EnsembleJudgeOptions } from './prompts/ensembleJudge.js';
export { judgeReport, type JudgedOutcome, type JudgeReport, type JudgeReportOptions } from './prompts/judgeReport.js';
export { type LengthLimits, lengthReason } from './prompts/lengthControl.js';
export { pairwiseJudge, type PairwiseJudgeOptions } from './prompts/pairwiseJudge.js';
export { parseRevision, type ParseRevisionOptions } from './prompts/parseRevision.js';
export { parseScore, type Scale } from './prompts/parseScore.js';
export { parseVerdict, type StatedVerdict, type Verdict } from './prompts/parseVerdict.js';
export {
  comparePairs,
  positionBias,
  type CompareOptions,
  type PairItem,
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
export { wilson, type Proportion } from './prompts/wilson.js';

// Files in and out.
export { convertPairs, type Converted, type ConvertOptions } from './files/convertPairs.js';
export { deduplicatePairs } from './files/duplicates.js';
export type { RejectedRow } from './files/fileRow.js';
export { formatRejections } from './files/formatRejections.js';
export { pairWriter, writePairs, type PairWriter, type WritePairsOptions } from './files/pairWriter.js';
export {
  readPairs,
  streamPairs,
  type PairOfRow,
  type PairRow,
  type PairsRead,
  type ReadPairsOptions,
  type RejectedPair,
} from './files/readPairs.js';
export { readPrompts, streamPrompts, type PromptRow, type PromptsRead } from './files/readPrompts.js';
export { rejectionsWriter, type RejectionsWriter } from './files/rejectionsWriter.js';

// Looking at pairs.
export { compare, type SetComparison } from './contrast/compare.js';
export {
  contrastiveness,
  contrastivenessOfPair,
  type Contrastiveness,
  type PairContrastiveness,
} from './contrast/contrastiveness.js';
export {
  contrastivenessOf,
  describe,
  type ContrastivenessOptions,
  type DescribeOptions,
  type SetSummary,
} from './contrast/describe.js';
export type { MeasureId, ResponseLogProbs } from './contrast/measures.js';
export { pairDiff, type DiffSegment } from './contrast/pairDiff.js';
export { showPair } from './contrast/showPair.js';
export { showPairs, type ShowPairsOptions } from './contrast/showPairs.js';
export type { Histogram, MeasureSummary } from './contrast/tally.js';
export { readTokenize, splitAtWhiteSpace, type Tokenize } from './contrast/tokenize.js';
