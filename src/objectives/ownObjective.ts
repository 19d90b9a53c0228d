/**
 * Objectives of one's own: what a person writes, and the entry that it becomes. This file loads no TensorFlow.js;
 * resolveObjective.ts checks what the function returns.
 */
import { fnv1a } from '../core/random.js';
import { ApolabError } from '../core/errors.js';
import type { tf } from '../tensor/index.js';
import { findObjectiveId } from './catalog.js';
import type { CatalogEntry } from './catalogEntry.js';
import type { ResponseLogProbs } from './objective.js';

/** The input of an own objective: the log-probabilities of a batch, and the log-ratios computed from them; all `[pairs]`, in nats. */
export interface LossInput extends ResponseLogProbs {
  /** `D_w = log pi(y_w|x) - log ref(y_w|x)` of each chosen response. */
  readonly chosenLogRatios: tf.Tensor1D;
  /** `D_l = log pi(y_l|x) - log ref(y_l|x)` of each rejected response. */
  readonly rejectedLogRatios: tf.Tensor1D;
}

/**
 * The result of an own objective: the losses alone, or with the rewards that are logged. Losses are `[pairs]` (`[2 * pairs]`, chosen
 * first, if the objective is not paired); rewards are `[pairs]`, and `beta` times the log-ratios if they are not given.
 */
export type LossResult =
  | tf.Tensor
  | {
      readonly losses: tf.Tensor;
      readonly chosenRewards?: tf.Tensor;
      readonly rejectedRewards?: tf.Tensor;
    };

/**
 * An objective as a plain function, which reads `beta` only. `defineObjective` gives it other options, a label and a colour.
 *
 * @example
 * const hinge: training.LossFunction = ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
 *   tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios))));
 */
export type LossFunction = (logProbs: LossInput, options: { readonly beta: number }) => LossResult;

/** The options of an own objective: any numbers, by name. */
export type OwnOptions = Readonly<Record<string, number>>;

/** An own objective as `training.train`, `ablation.runSettings` and the charts take it. */
export interface OwnObjective extends Omit<CatalogEntry, 'load' | 'defaults'> {
  readonly id: string;
  readonly defaults: OwnOptions & { readonly beta: number };
  /** The text of its function. A run and a cell of the grid are continued only with the same text and options. */
  readonly definition: string;
  readonly compute: (logProbs: LossInput, options: OwnOptions & { readonly beta: number }) => LossResult;
}

type Described = Partial<Omit<CatalogEntry, 'load' | 'defaults'>>;

/** An object with numbers only: interfaces count too, which lack an index signature. */
type Numbers<Options> = { readonly [Name in keyof Options]: number };

/** What `defineObjective` takes. */
export interface ObjectiveDefinition<Options extends Numbers<Options>> extends Described {
  /** Its name in settings, files and tables: letters, digits and `_`; not an id or TRL name of the catalog. */
  readonly id: string;
  /** Every option that the function reads, with its default; `beta`, 0.1 by default, is always there. */
  readonly defaults?: Options;
  /** From log-probabilities to losses. What it needs besides them belongs in `defaults`, because the text of the function is all that is compared. */
  readonly compute: (logProbs: LossInput, options: Options & { readonly beta: number }) => LossResult;
}

/** Colours that the catalog does not use; colour-blind readers can tell them apart. */
export const ownColors = ['#56b4e9', '#ee3377', '#66a61e', '#7570b3'] as const satisfies readonly `#${string}`[];

/**
 * An objective of one's own, from a function and, if needed, its options, label and colour. All other fields of a catalog row can be given.
 *
 * @throws ApolabError if the id cannot be used, an option is not a number, or `compute` is not a function.
 * @example
 * const hinge = objectives.define({
 *   id: 'hinge',
 *   defaults: { margin: 1 },
 *   compute: ({ chosenLogRatios, rejectedLogRatios }, { beta, margin }) =>
 *     tf.relu(tf.sub(margin, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios)))),
 * });
 */
export function defineObjective<Options extends Numbers<Options>>(
  definition: ObjectiveDefinition<Options>,
): OwnObjective {
  const { id, defaults, compute, ...described } = definition;
  checkId(id);
  if (typeof compute !== 'function') {
    throw new ApolabError(
      `${id}: compute is ${typeof compute}; it has to be a function from log-probabilities to losses.`,
    );
  }
  const options = { beta: 0.1, ...defaults };
  for (const [name, value] of Object.entries<unknown>(options)) {
    if (typeof value === 'number' && Number.isFinite(value)) continue;
    throw new ApolabError(
      `${id}: the default of '${name}' is ${String(value)}; an option of an objective is a finite number.`,
    );
  }
  return {
    label: id,
    color: ownColors[fnv1a(id) % ownColors.length]!,
    formula: compute.toString(),
    source: 'own objective',
    whenToUse: '',
    paired: true,
    needsReference: true,
    needsKl: false,
    needsRewardShift: false,
    reduction: 'examples',
    ...described,
    id,
    defaults: options,
    definition: compute.toString(),
    // The caller fills in the defaults, so every option is there.
    compute: (logProbs, given) => compute(logProbs, given as Options & { readonly beta: number }),
  };
}

/** A plain function as an entry, under the function's own name. */
export function fromFunction(compute: LossFunction): OwnObjective {
  const isNamed = isId(compute.name) && compute.name !== 'objective' && findObjectiveId(compute.name) === undefined;
  return defineObjective({ id: isNamed ? compute.name : 'own', compute });
}

/** True if a value is an own objective, made by `defineObjective`. */
export function isOwnObjective(value: object): value is OwnObjective {
  return 'definition' in value && typeof value.definition === 'string' && 'compute' in value;
}

const isId = (id: string) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(id);

function checkId(id: string): void {
  if (!isId(id)) {
    throw new ApolabError(`'${id}' cannot be an objective's id: use letters, digits and _, beginning with a letter.`);
  }
  const known = findObjectiveId(id);
  if (known !== undefined) {
    throw new ApolabError(
      `'${id}' is ${known === id ? 'an objective' : `TRL's name of '${known}'`} in the catalog; give your own objective another id.`,
    );
  }
}
