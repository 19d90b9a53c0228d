/** The objectives as functions: each row of the catalog with its `compute`. Code that needs no function reads catalog.ts. */
export { findObjectiveId, isObjectiveId, objectiveIds, trlArguments, type ObjectiveId } from './catalog.js';
export { checkGradient, GradientError, type GradientCheck, type GradientCheckOptions } from './checkGradient.js';
export { rewardMargins, rewards } from './compute/rewards.js';
export { objectiveOptions } from './objectiveOptions.js';
export {
  defineObjective,
  type LossFunction,
  type LossInput,
  type LossResult,
  type ObjectiveDefinition,
  type OwnObjective,
  type OwnOptions,
} from './ownObjective.js';
export { requireGradient } from './requireGradient.js';
export { resolveObjective, type ObjectiveChoice } from './resolveObjective.js';
export { findObjective, objectives, type ObjectiveEntry } from './table.js';
export type { Objective, ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from './objective.js';
