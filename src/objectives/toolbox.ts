/** The global `objectives`: the table, with the functions that define, check and look up an objective. */
import { checkGradient } from './checkGradient.js';
import { defineObjective } from './ownObjective.js';
import { objectives as table, type ObjectiveTable } from './table.js';

/** What can be done with objectives. These properties are not enumerable, so `Object.keys(objectives)` is the list of ids. */
export interface ObjectiveTools {
  /**
   * An objective of one's own, from a function and, if needed, its options, label and colour. `training.train`, `ablation.runSettings`,
   * `charts.lossSurface` and `charts.gradientField` take it.
   *
   * @example
   * const hinge = objectives.define({
   *   id: 'hinge',
   *   defaults: { slack: 1 },
   *   compute: ({ chosenLogRatios, rejectedLogRatios }, { beta, slack }) =>
   *     tf.relu(tf.sub(slack, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios)))),
   * });
   */
  readonly define: typeof defineObjective;
  /**
   * Compares an objective's gradient with finite differences on random pairs, and says which inputs and options it ignores. A wrong
   * gradient is a `GradientError` that names the input.
   *
   * @example
   * await objectives.checkGradient('apo_zero')
   */
  readonly checkGradient: typeof checkGradient;
}

/** The table and the tools. An interface, so that `Object.entries(objectives)` is not typed with the tools, which it does not list. */
export interface Objectives extends ObjectiveTable, ObjectiveTools {}

const hidden = <T>(value: T): TypedPropertyDescriptor<T> => ({ value, enumerable: false });

/**
 * The table of objectives by id, with `define` and `checkGradient`.
 *
 * @example
 * const hinge = objectives.define({
 *   id: 'hinge',
 *   compute: ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
 *     tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios)))),
 * });
 * await objectives.checkGradient(hinge);
 */
export const objectives: Objectives = Object.defineProperties<Objectives>(
  { ...table, define: defineObjective, checkGradient },
  { define: hidden(defineObjective), checkGradient: hidden(checkGradient) },
);
