/** The columns of a grid: objectives of the catalog by their ids, and a run's own objectives. */
import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { findObjectiveId, objectiveIds, type ObjectiveId } from '../../objectives/catalog.js';
import {
  fromFunction,
  isOwnObjective,
  ownColors,
  type LossFunction,
  type OwnObjective,
} from '../../objectives/ownObjective.js';

/** Any other text. It keeps the known ids as suggestions in editors; an unknown name is an error at run time. */
export type OtherName = string & Record<never, never>;

/** A column as a person gives it: an id or TRL's name, a function, the result of `objectives.define`, or a row of `objectives`. */
export type ColumnChoice = ObjectiveId | OtherName | LossFunction | OwnObjective | { readonly id: ObjectiveId };

/** An own objective of a run. Its function exists only in the process that gave it: a grid that is read from a file has none. */
export type OwnColumn = Omit<OwnObjective, 'compute'> & Partial<Pick<OwnObjective, 'compute'>>;

/** The ids of the columns in their order, and what is known of those that are not in the catalog. */
export interface Columns {
  readonly objectives: readonly string[];
  readonly own: readonly OwnColumn[];
}

/**
 * The columns for what a person gives; a column that is given twice is one column. Own objectives get different colours.
 *
 * @param known own objectives that can be named by their ids: those of settings that are changed
 * @throws UnknownNameError if a name is no objective; ApolabError if two own objectives have one id.
 */
export function columnsOf(choices: readonly ColumnChoice[], known: readonly OwnColumn[] = []): Columns {
  const own = new Map<string, OwnColumn>();
  const add = (column: OwnColumn): string => {
    const other = own.get(column.id);
    if (other !== undefined && other.definition !== column.definition) {
      throw new ApolabError(
        `Two columns have the id '${column.id}'. Give each its own: objectives.define({ id: 'another', compute: (logProbs, options) => losses }).`,
      );
    }
    own.set(column.id, column);
    return column.id;
  };
  const idOf = (choice: ColumnChoice): string => {
    if (typeof choice === 'function') return add(fromFunction(choice));
    if (typeof choice === 'object') return isOwnObjective(choice) ? add(choice) : idOf(choice.id);
    const id = findObjectiveId(choice);
    if (id !== undefined) return id;
    const column = known.find((one) => one.id === choice);
    if (column !== undefined) return add(column);
    throw new UnknownNameError('objective', choice, [...objectiveIds, ...known.map((one) => one.id)]);
  };
  const objectives = [...new Set(choices.map(idOf))];
  return { objectives, own: distinct([...own.values()]) };
}

/** The columns, with another colour for each that has the colour of one before it. */
function distinct(columns: readonly OwnColumn[]): OwnColumn[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    const free = ownColors.find((color) => !taken.has(color));
    const color = taken.has(column.color) ? (free ?? column.color) : column.color;
    taken.add(color);
    return { ...column, color };
  });
}
