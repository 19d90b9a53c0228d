/** The preference room: pairs, the four ways of building them, reading and writing them, and how contrastive they are. */
export { collect, type BuildOptions } from './builders/build.js';
export { clair, type ClairOptions } from './builders/clair.js';
export {
  contrastiveness,
  contrastivenessOfPair,
  type Contrastiveness,
  type PairContrastiveness,
  type Tokenize,
} from './contrast/contrastiveness.js';
export { formatRejections } from './files/formatRejections.js';
export { judgeOffPolicy, type JudgeOffPolicyOptions } from './builders/judgeOffPolicy.js';
export { judgeOnPolicy, type JudgeOnPolicyOptions } from './builders/judgeOnPolicy.js';
export { datasetIds, type DatasetId, type Message, type PreferencePair } from './pair.js';
export type { RejectedRow } from './files/fileRow.js';
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
export type { Judge, RejectedPrompt, Responder, RespondOptions, Reviser, Revision } from './responder.js';
export { strongerPreferred, type StrongerPreferredOptions } from './builders/strongerPreferred.js';
export { convertPairs, type Converted, type ConvertOptions } from './files/convertPairs.js';
export { checkSums, datasetCard, writeCard, type CardFacts, type CardFile } from './files/card.js';
export { checks, type CheckId, type Found } from './files/checks.js';
export {
  contamination,
  type Contaminated,
  type Contamination,
  type ContaminationOptions,
} from './files/contamination.js';
export { deduplicatePairs } from './files/duplicates.js';
export { forms, type FormId } from './files/rowOfPair.js';
export { formats, type FormatId } from './files/formats.js';
export {
  validatePairs,
  type Fault,
  type SetWarning,
  type ValidateOptions,
  type Validation,
} from './files/validatePairs.js';
export { pairWriter, writePairs, type PairWriter, type WritePairsOptions } from './files/pairWriter.js';
