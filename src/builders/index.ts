/** The builders of preference pairs: one function per recipe, the catalog of what they are, and the table of both. */
export { collect } from './collect.js';
export type { BuildOptions } from './buildOptions.js';
export type { JudgedOptions } from './buildByJudge.js';
export {
  builderCatalog,
  type BuilderFacts,
  type BuilderId,
  builderIds,
  builderLabel,
  type BuilderPart,
} from './catalog.js';
export { clair, type ClairOptions } from './clair.js';
export { judgeOffPolicy, type JudgeOffPolicyOptions } from './judgeOffPolicy.js';
export { judgeOnPolicy, type JudgeOnPolicyOptions } from './judgeOnPolicy.js';
export { type LengthLimits, lengthReason } from './lengthControl.js';
export type { PairStream } from './pairStream.js';
export type { PromptItem, PromptLike } from './promptLike.js';
export { strongerPreferred, type StrongerPreferredOptions } from './strongerPreferred.js';
export { type Builder, type BuilderParts, builders, buildFromParts } from './table.js';
