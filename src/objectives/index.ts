/** The objectives as functions: each row of the catalog with its `compute`. Whoever needs no function reads catalog.ts. */
import { UnknownNameError } from '../core/errors.js';
import { catalog, findObjectiveId, objectiveIds, type CatalogEntry, type ObjectiveId } from './catalog.js';
import type { Objective } from './objective.js';

export { isObjectiveId, objectiveIds, trlArguments, type ObjectiveId } from './catalog.js';
export { rewardMargins, rewards } from './compute/rewards.js';
export type { Objective, ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from './objective.js';

/** A row of the catalog, with the function that computes the losses. */
export interface ObjectiveEntry extends Omit<CatalogEntry, 'load'> {
  readonly compute: Objective;
}

type ObjectiveTable = { readonly [Id in ObjectiveId]: Omit<(typeof catalog)[Id], 'load'> & ObjectiveEntry };

/**
 * The table of objectives, by id.
 *
 * @example
 * const { losses, chosenRewards } = objectives.apo_zero.compute(logProbs, objectives.apo_zero.defaults);
 * tf.mean(losses).print(); // 0.537883 (log-ratios 10 and -10); 1 while policy and reference agree
 */
export const objectives = Object.fromEntries(
  await Promise.all(
    objectiveIds.map(async (id) => {
      const { load, ...entry } = catalog[id];
      return [id, { ...entry, compute: await load() }] as const;
    }),
  ),
) as ObjectiveTable;

/**
 * The objective of that name: an id, or the `loss_type` that TRL calls it by. A `loss_type` that two trainers share means the
 * first row that has it: `sigmoid` is DPO.
 *
 * @throws UnknownNameError with the nearest known name if there is none.
 * @example
 * findObjective('apo_zero').label; // 'APO-zero'
 */
export function findObjective(name: string): ObjectiveEntry {
  const id = findObjectiveId(name);
  if (id === undefined) throw new UnknownNameError('objective', name, objectiveIds);
  return objectives[id];
}
