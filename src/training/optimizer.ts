/** Optimizers: their interface, and the running values that they keep between steps. */
import { ApolabError } from '../core/errors.js';
import type { TensorValues, TrainableParameters } from '../model/index.js';
import { read, tf } from '../tensor/index.js';
import { groupParameters, type ParameterGroup } from './parameterGroups.js';

/** Changes parameters by their gradients. */
export interface Optimizer {
  /** The parameters in groups; gradients are given in the same order. */
  readonly groups: readonly ParameterGroup[];
  /**
   * Changes every parameter by its gradient. Takes one gradient per group, in the group's shape, which counts `scale` times (clipping).
   */
  apply(gradients: readonly tf.Tensor[], learningRate: number, scale?: number): void;
  /** The optimizer's state for a checkpoint. */
  save(): Promise<OptimizerState>;
  /**
   * Continues from a saved state.
   *
   * @throws ApolabError if the state does not fit the parameters.
   */
  restore(state: OptimizerState): void;
  /** Frees the running values. */
  dispose(): void;
}

/** What an optimizer needs to continue. */
export interface OptimizerState {
  /** Steps taken so far. */
  readonly steps: number;
  /** Running values by `<parameter>.<slot>`, in the parameter's shape; the slots have PyTorch's names, such as `exp_avg`. */
  readonly tensors: Readonly<Record<string, TensorValues>>;
}

/** The running values of an optimizer: for each slot, one variable per group of parameters, initially zero. */
interface OptimizerMemory<Slot extends string> {
  readonly groups: readonly ParameterGroup[];
  readonly slots: Readonly<Record<Slot, readonly tf.Variable[]>>;
  save(): Promise<OptimizerState['tensors']>;
  restore(tensors: OptimizerState['tensors']): void;
  dispose(): void;
}

function createMemory<Slot extends string>(
  parameters: TrainableParameters,
  slotNames: readonly Slot[],
): OptimizerMemory<Slot> {
  const groups = groupParameters(parameters);
  // Not tf.zeros, whose values are made in JavaScript first: a second copy in memory until it is collected.
  const zeros = (shape: readonly number[]) => tf.tidy(() => tf.variable(tf.fill([...shape], 0), false));
  const slots = Object.fromEntries(
    slotNames.map((slot) => [slot, groups.map(({ shape }) => zeros(shape))]),
  ) as unknown as Record<Slot, tf.Variable[]>;
  const places = slotNames.flatMap((slot) => groups.map((group, index) => ({ slot, group, index })));
  return {
    groups,
    slots,
    save: async () => {
      const tensors: Record<string, TensorValues> = {};
      for (const { slot, group, index } of places) {
        const parts = tf.tidy(() => group.scatter(slots[slot][index]!).map((part) => part.clone()));
        for (const [place, part] of parts.entries()) {
          const values = await read(part).finally(() => part.dispose());
          tensors[`${group.names[place]!}.${slot}`] = { shape: part.shape, values };
        }
      }
      return tensors;
    },
    restore: (tensors) =>
      tf.tidy(() => {
        for (const { slot, group, index } of places) {
          const parts = group.names.map((name) => [
            name,
            toTensor(tensors, `${name}.${slot}`, parameters[name]!.shape),
          ]);
          slots[slot][index]!.assign(group.gather(Object.fromEntries(parts) as Record<string, tf.Tensor>));
        }
      }),
    dispose: () => tf.dispose(Object.values<tf.Variable[]>(slots)),
  };
}

/** The new values of one group, given its values, its gradient, which counts `scale` times, and its running values, which the function also updates. */
export type MoveGroup<Slot extends string> = (
  group: ParameterGroup,
  values: tf.Tensor,
  gradient: tf.Tensor,
  memory: Readonly<Record<Slot, tf.Variable>>,
  scale: number,
) => tf.Tensor;

/**
 * An optimizer that updates one group of parameters after the other.
 *
 * @param slotNames names of the running values
 * @param begin called once per step with the step's number, counted from 1, and the learning rate; returns the update rule
 */
export function groupedOptimizer<Slot extends string>(
  parameters: TrainableParameters,
  slotNames: readonly Slot[],
  begin: (step: number, learningRate: number) => MoveGroup<Slot>,
): Optimizer {
  const memory = createMemory(parameters, slotNames);
  const { groups, slots } = memory;
  let steps = 0;
  return {
    groups,
    apply(gradients, learningRate, scale = 1) {
      steps += 1;
      const move = begin(steps, learningRate);
      for (const [index, group] of groups.entries()) {
        // A tidy per group: the temporary tensors of one group only are in memory at a time.
        tf.tidy(() => {
          const kept = Object.fromEntries(slotNames.map((slot) => [slot, slots[slot][index]!])) as Record<
            Slot,
            tf.Variable
          >;
          const moved = group.scatter(move(group, group.gather(parameters), gradients[index]!, kept, scale));
          group.names.forEach((name, place) => parameters[name]!.assign(moved[place]!));
        });
      }
    },
    save: async () => ({ steps, tensors: await memory.save() }),
    restore(state) {
      memory.restore(state.tensors);
      steps = state.steps;
    },
    dispose: () => memory.dispose(),
  };
}

/** The weight decay of a group: 0 for tensors with one axis (norms and biases), unless `decayVectors` is true. */
export function decayOf(
  { shape }: ParameterGroup,
  { weightDecay, decayVectors }: { readonly weightDecay: number; readonly decayVectors: boolean },
): number {
  return shape.length > 1 || decayVectors ? weightDecay : 0;
}

function toTensor(tensors: OptimizerState['tensors'], name: string, shape: number[]): tf.Tensor {
  const found = tensors[name];
  if (found?.shape.join() === shape.join()) return tf.tensor(found.values, shape, 'float32');
  throw new ApolabError(
    `The optimizer's state ${found === undefined ? `has no '${name}'` : `has '${name}' as [${found.shape.join(', ')}]`}, ` +
      `but the model's parameter is [${shape.join(', ')}]. It belongs to another model or optimizer; start a new run.`,
  );
}
