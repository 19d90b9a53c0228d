/** Preference pairs: what they are, files of them, checks of a set, and how contrastive they are. */

export type {
  ContentPart,
  Message,
  PairMessages,
  PairScores,
  PreferencePair,
  Prompt,
  Provenance,
  TokenUsage,
} from './pair.js';
export { messageText } from '../core/message.js';

// Files in and out.
export { type FormatId, formats } from './formats/formats.js';
export { type CardFacts, type CardFile, datasetCard } from './sources/datasetCard.js';
export { checkSums, writeCard } from './sources/writeCard.js';
export { type Converted, type ConvertOptions, convertPairs } from './rows/convertPairs.js';
export { deduplicatePairs } from './rows/duplicates.js';
export { formatSkipped } from './rows/formatSkipped.js';
export { pairWriter, type PairWriter, writePairs, type WritePairsOptions } from './rows/pairWriter.js';
export {
  type PairOfRow,
  type PairRow,
  type PairsRead,
  readPairs,
  type ReadPairsOptions,
  type SkippedPair,
  streamPairs,
} from './rows/readPairs.js';
export { type UnpairedExample } from './rows/parseUnpaired.js';
export {
  readUnpaired,
  type ReadUnpairedOptions,
  streamUnpaired,
  type UnpairedRead,
  type UnpairedRow,
} from './rows/readUnpaired.js';
export {
  readTrainingRows,
  type ReadTrainingRowsOptions,
  streamTrainingRows,
  type TrainingRowsRead,
} from './rows/readTrainingRows.js';
export { isUnpaired, type TrainingRow, unpairPairs } from './rows/trainingRow.js';
export { type PromptRow, type PromptsRead, readPrompts, streamPrompts } from './rows/readPrompts.js';
export { type FormId, forms } from './rows/rowOfPair.js';
export type { SkippedPrompt, SkippedRow } from './rows/skipped.js';
export { skippedWriter, type SkippedWriter } from './rows/skippedWriter.js';

// Checks of a set.
export { type CheckId, checks, type Found } from './checks/checks.js';
export {
  type Contaminated,
  contamination,
  type Contamination,
  type ContaminationOptions,
} from './checks/contamination.js';
export {
  type Fault,
  type SetWarning,
  type UnpairedCounts,
  type ValidateOptions,
  validatePairs,
  type Validation,
} from './checks/validatePairs.js';

// Contrastiveness, and pairs shown.
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
export { readTokenize } from './contrast/readTokenize.js';
export { showPair } from './contrast/showPair.js';
export { showPairs, type ShowPairsOptions } from './contrast/showPairs.js';
export { splitAtWhiteSpace, type Tokenize } from './contrast/splitAtWhiteSpace.js';
