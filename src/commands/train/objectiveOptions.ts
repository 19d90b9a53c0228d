/** The objectives and their own options as flags of a command; everything in their help comes from the catalog. */
import { catalog, objectiveIds, trlArguments, type CatalogEntry } from '../../objectives/catalog.js';
import type { ObjectiveOptions } from '../../objectives/objective.js';
import type { OptionRow } from '../options/optionTable.js';
import { parseNumber } from '../options/parseValues.js';

type OptionName = keyof ObjectiveOptions;

/** Help about `--objective`: every id of the catalog. */
export const objectiveHelp = `${objectiveIds.join(', ')}, or TRL's name for one of them`;

/** Every option that an objective may read, as a flag. An option of the library without a row does not compile. */
export const objectiveOptions = {
  beta: row('beta', '<number>', 'weight of the log-ratios'),
  labelSmoothing: row('labelSmoothing', '<share>', 'share of pairs whose labels are taken to be swapped'),
  desirableWeight: row(
    'desirableWeight',
    '<number>',
    'weight of the chosen (desirable) responses in an unpaired objective',
  ),
  undesirableWeight: row(
    'undesirableWeight',
    '<number>',
    'weight of the rejected (undesirable) responses in an unpaired objective',
  ),
  gamma: row('gamma', '<number>', 'target margin between the rewards'),
  likelihoodWeight: row('likelihoodWeight', '<number>', "weight of the chosen responses' negative log-likelihood"),
  penaltyWeight: row('penaltyWeight', '<number>', 'weight of the penalty on a chosen response that became less likely'),
} satisfies Record<OptionName, OptionRow>;

function row(name: OptionName, value: `<${string}>`, help: string) {
  const trlName = Object.entries(trlArguments).find(([option]) => option === name)?.[1];
  const ownName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const known = trlName === undefined || trlName === ownName ? help : `${help}; ${trlName} in TRL`;
  return { value, help: known, parse: parseNumber, shownDefault: defaultsOf(name) } as const;
}

/** The default of an option in each objective that reads it, the commonest value first: `0 with dpo, cpo; 0.1 with robust_dpo`. */
function defaultsOf(name: OptionName): string {
  const readers = new Map<number, string[]>();
  for (const id of objectiveIds) {
    const { defaults }: Pick<CatalogEntry, 'defaults'> = catalog[id];
    const value = defaults[name];
    if (value !== undefined) readers.set(value, [...(readers.get(value) ?? []), id]);
  }
  const [commonest, ...others] = [...readers].sort(([, a], [, b]) => b.length - a.length);
  const described = ([value, ids]: readonly [number, readonly string[]]) => `${value} with ${ids.join(', ')}`;
  // An option that all objectives read needs no list of the many that share a default.
  const read = [...readers.values()].flat().length;
  const first =
    commonest === undefined ? [] : [read === objectiveIds.length ? `${commonest[0]}` : described(commonest)];
  return [...first, ...others.map(described)].join('; ');
}
