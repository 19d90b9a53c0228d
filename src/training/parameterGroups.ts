/**
 * Parameters laid together: tensors that differ only in their first axis become one, so that an optimizer's dozen
 * operations run once a group and not once a tensor. A small model spends more time calling them than computing them.
 */
import type { TrainableParameters } from '../model/index.js';
import { tf } from '../tensor/index.js';

/** Elements from which a tensor stays alone: laying it beside others would copy more than it saves. */
const worthItsOwn = 2 ** 20;

export interface ParameterGroup {
  readonly names: readonly string[];
  /** Shape of the group: the first axes added up, the others as they are. */
  readonly shape: readonly number[];
  /** One tensor of all of the group's, in its order, zeros for one that is missing; made within the caller's tidy. */
  gather(tensors: Readonly<Record<string, tf.Tensor | undefined>>): tf.Tensor;
  /** The group's tensors apart again, in its order. */
  scatter(group: tf.Tensor): tf.Tensor[];
}

/** Groups the parameters named, in their order; `parameters` gives the shapes. */
export function groupParameters(parameters: TrainableParameters): ParameterGroup[] {
  const byShape = new Map<string, string[]>();
  for (const [name, { shape, size }] of Object.entries(parameters)) {
    const key = size >= worthItsOwn || shape.length === 0 ? name : shape.slice(1).join('x');
    byShape.set(key, [...(byShape.get(key) ?? []), name]);
  }
  return [...byShape.values()].map((names) => group(names, parameters));
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
