/** The preference room: pairs, the four ways of building them, reading and writing them, and how contrastive they are. */
export { collect, type BuildOptions } from './builders/build.js';
export { clair, type ClairOptions } from './builders/clair.js';
export {
  contrastiveness,
  contrastivenessOfPair,
  type Contrastiveness,
  type PairContrastiveness,
} from './contrast/contrastiveness.js';
export { compare, type SetComparison } from './contrast/compare.js';
export {
  contrastivenessOf,
  describe,
  type ContrastivenessOptions,
  type DescribeOptions,
  type SetSummary,
} from './contrast/describe.js';
export { type MeasureId, type ResponseLogProbs } from './contrast/measures.js';
export { pairDiff, type DiffSegment } from './contrast/pairDiff.js';
export { showPair } from './contrast/showPair.js';
export { showPairs, type ShowPairsOptions } from './contrast/showPairs.js';
export { type Histogram, type MeasureSummary } from './contrast/tally.js';
export { readTokenize, splitAtWhiteSpace, type Tokenize } from './contrast/tokenize.js';
export { formatRejections } from './files/formatRejections.js';
export { judgeOffPolicy, type JudgeOffPolicyOptions } from './builders/judgeOffPolicy.js';
export { judgeOnPolicy, type JudgeOnPolicyOptions } from './builders/judgeOnPolicy.js';
export { datasetIds, type DatasetId, type Message, type PreferencePair } from './pair.js';
export { readPairs, type PairsRead, type ReadPairsOptions, type RejectedRow } from './files/readPairs.js';
export { readPrompts, type PromptsRead } from './files/readPrompts.js';
export type { Judge, RejectedPrompt, Responder, RespondOptions, Reviser, Revision } from './responder.js';
export { strongerPreferred, type StrongerPreferredOptions } from './builders/strongerPreferred.js';
export { writePairs } from './files/writePairs.js';
