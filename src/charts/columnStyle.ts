/** How an objective is named and coloured in figures and tables: by its row of the catalog, or as a run's own objective. */
import { catalog, isObjectiveId } from '../objectives/catalog.js';

/** The label and colour of an objective. */
export interface ColumnStyle {
  readonly label: string;
  /** `#rrggbb`. */
  readonly color: string;
}

/** The part of a run's settings that describes objectives outside of the catalog. */
export interface WithOwnObjectives {
  readonly ownObjectives?: readonly (ColumnStyle & { readonly id: string })[];
}

/**
 * The style of a column; an unknown id is its own label, in grey.
 *
 * @example
 * columnStyle(grid.run, 'apo_zero').label; // 'APO-zero'
 */
export function columnStyle({ ownObjectives = [] }: WithOwnObjectives, objective: string): ColumnStyle {
  if (isObjectiveId(objective)) return catalog[objective];
  return ownObjectives.find(({ id }) => id === objective) ?? { label: objective, color: '#8c8c8c' };
}
