import { UnknownNameError } from '../core/errors.js';
import type { CatalogEntry } from './catalog.js';
import type { ObjectiveOptions } from './objective.js';
import type { OwnOptions } from './ownObjective.js';

/**
 * An objective's options: its defaults, replaced by what is given. An option that is given as undefined keeps its default.
 *
 * @throws UnknownNameError if an option is given that the objective does not read; the message lists those that it reads.
 * @example
 * objectiveOptions(catalog.simpo, { gamma: 0.5 }); // { beta: 2, gamma: 0.5, labelSmoothing: 0, likelihoodWeight: 0 }
 */
export function objectiveOptions(
  { label, defaults }: Pick<CatalogEntry, 'label' | 'defaults'>,
  given: { readonly [Option in keyof ObjectiveOptions]?: ObjectiveOptions[Option] | undefined } | OwnOptions,
): ObjectiveOptions {
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined);
  const unread = chosen.find(([option]) => !Object.hasOwn(defaults, option));
  if (unread !== undefined) throw new UnknownNameError(`option of ${label}`, unread[0], Object.keys(defaults));
  return { ...defaults, ...Object.fromEntries(chosen) };
}
