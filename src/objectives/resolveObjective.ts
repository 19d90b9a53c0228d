/** From what a person gives as an objective to its entry; an own function is wrapped in checks of what it reads and returns. */
import { ApolabError } from '../core/errors.js';
import { tf } from '../tensor/index.js';
import type { ObjectiveId } from './catalog.js';
import { logRatios, rewards } from './compute/rewards.js';
import type { Objective, ObjectiveOptions, ObjectiveResult, ResponseLogProbs } from './objective.js';
import { fromFunction, isOwnObjective, type LossFunction, type LossInput, type OwnObjective } from './ownObjective.js';
import { findObjective, objectives, type ObjectiveEntry } from './table.js';

/** Any other text. It keeps the known ids as suggestions in editors; an unknown name is an error at run time. */
type OtherName = string & Record<never, never>;

/** An objective as a person gives it: an id or TRL's name, a row of the table, a function, or an own objective from `defineObjective`. */
export type ObjectiveChoice = ObjectiveId | OtherName | ObjectiveEntry | LossFunction | OwnObjective;

/**
 * The entry of an objective.
 *
 * @throws UnknownNameError if there is no objective of that name; ApolabError if the value is no objective.
 * @example
 * resolveObjective('sigmoid').id; // 'dpo'
 */
export function resolveObjective(choice: ObjectiveChoice): ObjectiveEntry {
  if (typeof choice === 'string') return findObjective(choice);
  if (typeof choice === 'function') return entryOf(fromFunction(choice));
  const row = Object.values<ObjectiveEntry>(objectives).find((entry) => entry === choice);
  if (row !== undefined) return row;
  const checked = isObject(choice) ? checkedEntries.get(choice) : undefined;
  if (checked !== undefined) return checked;
  if (isObject(choice) && isOwnObjective(choice)) return entryOf(choice);
  throw new ApolabError(
    'The objective is neither an id, nor a row of `objectives`, nor a function. ' +
      "Give one of them, or objectives.define({ id: 'mine', compute: (logProbs, options) => losses }).",
  );
}

/** Not null: cells are checked loosely, so anything may be given. */
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The entries of own objectives, by the objective and by the entry itself. */
const checkedEntries = new WeakMap<object, ObjectiveEntry>();

function entryOf(own: OwnObjective): ObjectiveEntry {
  const compute: Objective = (logProbs, options) => {
    const result: unknown = own.compute(inputOf(own, logProbs), onlyDeclared(own, options));
    return checkedResult(own, result, logProbs, options);
  };
  const entry = { ...own, compute };
  for (const key of [own, entry]) checkedEntries.set(key, entry);
  return entry;
}

/** The function's input: log-ratios added; reading an estimate that the trainer does not compute for it is an error. */
function inputOf(own: OwnObjective, { kl, rewardShift, ...given }: ResponseLogProbs): LossInput {
  const { chosen, rejected } = logRatios(given);
  const input = { ...given, chosenLogRatios: chosen, rejectedLogRatios: rejected };
  const estimates = [
    ['kl', 'needsKl', own.needsKl, kl],
    ['rewardShift', 'needsRewardShift', own.needsRewardShift, rewardShift],
  ] as const;
  for (const [name, field, isNeeded, value] of estimates) {
    if (isNeeded) Object.assign(input, { [name]: value });
    else {
      const get = () => {
        throw new ApolabError(
          `${own.label} reads ${name}, which is computed only for objectives that say so: objectives.define({ ..., ${field}: true }).`,
        );
      };
      Object.defineProperty(input, name, { get, enumerable: false });
    }
  }
  return input;
}

/** The options; reading one that the objective does not declare is an error, because it would be undefined and the loss NaN. */
function onlyDeclared(own: OwnObjective, options: ObjectiveOptions): OwnObjective['defaults'] {
  return new Proxy(options as OwnObjective['defaults'], {
    get: (target, name, receiver) => {
      if (typeof name === 'string' && !(name in target) && name !== 'toJSON') {
        throw new ApolabError(
          `${own.label} reads the option '${name}', which it does not declare: ` +
            `objectives.define({ id: '${own.id}', defaults: { ${name}: 1 }, compute }), with the default that you want.`,
        );
      }
      return Reflect.get(target, name, receiver) as number;
    },
  });
}

/** What the function returned, with the rewards filled in. Throws an ApolabError if it is not of the right kind or shape. */
function checkedResult(
  own: OwnObjective,
  result: unknown,
  logProbs: ResponseLogProbs,
  options: ObjectiveOptions,
): ObjectiveResult {
  const [chosen, rejected] = [logProbs.policyChosen.shape[0], logProbs.policyRejected.shape[0]];
  const found: Partial<ObjectiveResult> | null | undefined =
    result instanceof tf.Tensor
      ? { losses: result as tf.Tensor1D }
      : (result as Partial<ObjectiveResult> | null | undefined);
  const expectTensor = (name: keyof ObjectiveResult, given: unknown, length: number): tf.Tensor1D => {
    const each = own.paired || name !== 'losses' ? 'one value per pair' : 'one per response, the chosen ones first';
    const value = given instanceof tf.Tensor ? (given as tf.Tensor) : undefined;
    if (value === undefined) {
      const returned = kindOf(given ?? result);
      throw new ApolabError(
        `${own.label}: ${name} is ${returned}, not a tensor. Return the losses as a tensor of shape [${length}] (${each}), ` +
          `or { losses, chosenRewards, rejectedRewards }.${result instanceof Promise ? ' The function must not be async.' : ''}`,
      );
    }
    if (value.shape.length !== 1 || value.shape[0] !== length) {
      const mean = value.size === 1 && length !== 1 ? ' Take no mean or sum over the pairs: the trainer does.' : '';
      throw new ApolabError(
        `${own.label}: ${name} has shape [${value.shape.join(', ')}], expected [${length}]: ${each}.${mean}`,
      );
    }
    if (value.dtype !== 'float32') {
      throw new ApolabError(
        `${own.label}: ${name} is of type ${value.dtype}, expected float32 (tf.cast has no gradient here).`,
      );
    }
    return value as tf.Tensor1D;
  };
  const logged = rewards(logProbs, options);
  return {
    losses: expectTensor('losses', found?.losses, own.paired ? chosen : chosen + rejected),
    chosenRewards: expectTensor('chosenRewards', found?.chosenRewards ?? logged.chosenRewards, chosen),
    rejectedRewards: expectTensor('rejectedRewards', found?.rejectedRewards ?? logged.rejectedRewards, rejected),
  };
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value instanceof Promise) return 'a promise';
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}
