/** The preference room: pairs, the four ways of building them, reading and writing them, and how contrastive they are. */
export { collect, type BuildOptions } from './build.js';
export { clair, type ClairOptions } from './clair.js';
export {
  contrastiveness,
  contrastivenessOfPair,
  type Contrastiveness,
  type PairContrastiveness,
  type Tokenize,
} from './contrastiveness.js';
export { formatRejections } from './formatRejections.js';
export { judgeOffPolicy, type JudgeOffPolicyOptions } from './judgeOffPolicy.js';
export { judgeOnPolicy, type JudgeOnPolicyOptions } from './judgeOnPolicy.js';
export { datasetIds, type DatasetId, type Message, type PreferencePair } from './pair.js';
export { readPairs, type PairsRead, type ReadPairsOptions, type RejectedRow } from './readPairs.js';
export { readPrompts, type PromptsRead } from './readPrompts.js';
export type { Judge, RejectedPrompt, Responder, RespondOptions, Reviser, Revision } from './responder.js';
export { strongerPreferred, type StrongerPreferredOptions } from './strongerPreferred.js';
export { writePairs } from './writePairs.js';
