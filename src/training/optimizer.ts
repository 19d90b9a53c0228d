/** What an optimizer is, and the running values that one keeps from step to step. */
import { ApolabError } from '../core/errors.js';
import type { TensorValues, TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';
import { groupParameters, type ParameterGroup } from './parameterGroups.js';

export interface Optimizer {
  /** How the parameters are laid together; gradients come in the same order. */
  readonly groups: readonly ParameterGroup[];
  /** Moves every parameter against its gradient; one gradient a group. */
  apply(gradients: readonly tf.Tensor[], learningRate: number): void;
  /** All that it remembers, for a checkpoint; `restore` takes it back. */
  save(): OptimizerState;
  /** @throws ApolabError where the state is that of other parameters. */
  restore(state: OptimizerState): void;
  dispose(): void;
}

export interface OptimizerState {
  /** Steps taken so far. */
  readonly steps: number;
  /** Running values by `<parameter>.<slot>`, in the parameter's shape; the slots have PyTorch's names. */
  readonly tensors: Readonly<Record<string, TensorValues>>;
}

/** Running values of one kind: one variable a group of parameters, zeros at first. */
interface OptimizerMemory<Slot extends string> {
  readonly groups: readonly ParameterGroup[];
  readonly slots: Readonly<Record<Slot, readonly tf.Variable[]>>;
  save(): OptimizerState['tensors'];
  restore(tensors: OptimizerState['tensors']): void;
  dispose(): void;
}

/** Makes the variables that an optimizer keeps: for each slot one a group, in the group's shape. */
function createMemory<Slot extends string>(
  parameters: TrainableParameters,
  slotNames: readonly Slot[],
): OptimizerMemory<Slot> {
  const groups = groupParameters(parameters);
  const zeros = (shape: readonly number[]) => tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
  const slots = Object.fromEntries(
    slotNames.map((slot) => [slot, groups.map(({ shape }) => zeros(shape))]),
  ) as unknown as Record<Slot, tf.Variable[]>;
  const places = slotNames.flatMap((slot) => groups.map((group, index) => ({ slot, group, index })));
  return {
    groups,
    slots,
    save: () =>
      Object.fromEntries(
        places.flatMap(({ slot, group, index }) => {
          const parts = tf.tidy(() => group.scatter(slots[slot][index]!).map((part) => part.clone()));
          return parts.map((part, place) => {
            const values = part.dataSync<'float32'>();
            part.dispose();
            return [`${group.names[place]!}.${slot}`, { shape: part.shape, values }] as const;
          });
        }),
      ),
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

/** Where one group moves to in a step: its values, its gradient and what was remembered of it, which may be assigned. */
export type MoveGroup<Slot extends string> = (
  group: ParameterGroup,
  values: tf.Tensor,
  gradient: tf.Tensor,
  memory: Readonly<Record<Slot, tf.Variable>>,
) => tf.Tensor;

/** An optimizer that moves group by group; `begin` is told the step, counted from 1, and its learning rate. */
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
    apply(gradients, learningRate) {
      steps += 1;
      const move = begin(steps, learningRate);
      tf.tidy(() => {
        for (const [index, group] of groups.entries()) {
          const kept = Object.fromEntries(slotNames.map((slot) => [slot, slots[slot][index]!])) as Record<
            Slot,
            tf.Variable
          >;
          const moved = group.scatter(move(group, group.gather(parameters), gradients[index]!, kept));
          group.names.forEach((name, place) => parameters[name]!.assign(moved[place]!));
        }
      });
    },
    save: () => ({ steps, tensors: memory.save() }),
    restore(state) {
      memory.restore(state.tensors);
      steps = state.steps;
    },
    dispose: () => memory.dispose(),
  };
}

/** The weight decay of a group: none for tensors of one axis (norms and biases), unless they are asked for. */
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
      `but the model's parameter is [${shape.join(', ')}]. It belongs to another model or optimizer; start anew.`,
  );
}
