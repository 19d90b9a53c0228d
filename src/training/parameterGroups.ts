/**
 * Groups of parameters: tensors that differ only in the size of their first axis are concatenated, so that an optimizer's
 * operations run once per group instead of once per tensor. For a small model, calling an operation takes longer than computing it.
 */
import type { TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';

/** Tensors with this many elements are not grouped: copying them would cost more than it saves. */
const ungroupedSize = 2 ** 16;

/**
 * Most elements of a group of several tensors. An optimizer has several temporary tensors of a group's size, so this bounds what a
 * step needs beside parameters, gradients and running values.
 */
export const largestGroup = 2 ** 22;

/** Parameters that an optimizer updates together. */
export interface ParameterGroup {
  readonly names: readonly string[];
  /** Shape of the concatenated tensor: the sum of the first axes, then the common other axes. */
  readonly shape: readonly number[];
  /** Concatenates the group's tensors in the order of `names`; a missing one counts as zeros. To be called in a tidy. */
  gather(tensors: Readonly<Record<string, tf.Tensor | undefined>>): tf.Tensor;
  /** Splits a tensor of the group's shape into the tensors of `names`. */
  scatter(group: tf.Tensor): tf.Tensor[];
}

/** Groups all parameters, in their order. */
export function groupParameters(parameters: TrainableParameters): ParameterGroup[] {
  const groups: string[][] = [];
  const open = new Map<string, { readonly names: string[]; size: number }>();
  for (const [name, { shape, size }] of Object.entries(parameters)) {
    const key = size >= ungroupedSize || shape.length === 0 ? name : shape.slice(1).join('x');
    let current = open.get(key);
    if (current === undefined || current.size + size > largestGroup) {
      current = { names: [], size: 0 };
      open.set(key, current);
      groups.push(current.names);
    }
    current.names.push(name);
    current.size += size;
  }
  return groups.map((names) => group(names, parameters));
}

function group(names: readonly string[], parameters: TrainableParameters): ParameterGroup {
  const shapes = names.map((name) => parameters[name]!.shape);
  const sizes = shapes.map(([first = 1]) => first);
  const single = names.length === 1;
  return {
    names,
    shape: single ? shapes[0]! : [sizes.reduce((sum, size) => sum + size, 0), ...shapes[0]!.slice(1)],
    gather: (tensors) => {
      const members = names.map((name, index) => tensors[name] ?? tf.zeros(shapes[index]!));
      return single ? members[0]! : tf.concat(members, 0);
    },
    scatter: (whole) => (single ? [whole] : tf.split(whole, sizes, 0)),
  };
}
