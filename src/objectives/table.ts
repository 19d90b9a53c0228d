/** The table of objectives: each row of the catalog with its function. */
import { UnknownNameError } from '../core/errors.js';
import { catalog, findObjectiveId, objectiveIds, type CatalogEntry, type ObjectiveId } from './catalog.js';
import type { Objective } from './objective.js';

/** A row of the catalog with its id and the function that computes the losses; or an own objective in the same form. */
export interface ObjectiveEntry extends Omit<CatalogEntry, 'load'> {
  readonly id: string;
  readonly compute: Objective;
  /** The text of the function of an own objective; absent for the rows of the catalog. */
  readonly definition?: string;
}

/** The table's type: every id with its row. */
export type ObjectiveTable = {
  readonly [Id in ObjectiveId]: Omit<(typeof catalog)[Id], 'load'> & ObjectiveEntry & { readonly id: Id };
};

/**
 * The table of objectives, by id.
 *
 * @example
 * const { losses, chosenRewards } = objectives.apo_zero.compute(logProbs, objectives.apo_zero.defaults);
 * tf.mean(losses).print(); // Tensor 0.537883 (log-ratios 10 and -10)
 */
export const objectives = Object.fromEntries(
  await Promise.all(
    objectiveIds.map(async (id) => {
      const { load, ...entry } = catalog[id];
      return [id, { ...entry, id, compute: await load() }] as const;
    }),
  ),
) as ObjectiveTable;

/**
 * The objective with that name: an id, or TRL's `loss_type`. If two trainers share a `loss_type`, the first row wins: `sigmoid`
 * is DPO.
 *
 * @throws UnknownNameError, with the nearest known name, if there is none.
 * @example
 * findObjective('apo_zero').label; // 'APO-zero'
 */
export function findObjective(name: string): ObjectiveEntry {
  const id = findObjectiveId(name);
  if (id === undefined) throw new UnknownNameError('objective', name, objectiveIds);
  return objectives[id];
}
