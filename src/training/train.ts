/**
 * Preference training as an async iterator of step metrics. The loop belongs to the caller, who can look at the model, evaluate it,
 * change the learning rate and stop between two steps.
 */
import type { LanguageModel } from '../model/index.js';
import type { PreferencePair } from '../pairs/pair.js';
import type { UnpairedExample } from '../pairs/rows/parseUnpaired.js';
import type { TrainingRow } from '../pairs/rows/trainingRow.js';
import type { UnpairedStepMetrics } from './metrics.js';
import type { TrainOptions } from './trainOptions.js';
import { TrainingRun } from './trainingRun.js';

/**
 * Trains `model` on pairs, in place. The model before training is the reference; its log-probabilities are computed once. To start
 * several runs from the same weights, or to run a notebook's cell again, train a copy: `policy.clone()`.
 *
 * Wrong options are an error at once; the other errors occur at the first step.
 *
 * @throws ApolabError if there are no pairs, a pair cannot be trained on, an option is out of range, the objective cannot be
 * trained on such rows, an objective of one's own returns no losses or has no gradient, policy and reference differ before the first
 * update, or the checkpoint to continue from belongs to another run.
 * @throws UnknownNameError if the objective is unknown or does not read an option of `objectiveOptions`.
 * @throws NotFiniteError if a step's loss or gradient is not finite.
 *
 * @example
 * for await (const step of training.train(policy, pairs, { objective: 'apo_zero' })) {
 *   console.log(step.step, step.loss, step['rewards/margins']);
 * }
 *
 * @example
 * const hinge: training.LossFunction = ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
 *   tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios))));
 * const history = await preference.collect(training.train(policy.clone(), pairs, { objective: hinge }));
 */
export function train(model: LanguageModel, pairs: readonly PreferencePair[], options: TrainOptions): TrainingRun;
/**
 * Trains `model` on unpaired examples, in place: single responses that are desirable or not, in any proportion. The objectives
 * that take them are `kto`, `apo_zero_unpaired` and `bco`; a loss is the mean over the examples of a batch, each times the weight of
 * its label (`desirableWeight`, `undesirableWeight`). Errors and the reference are those of a run on pairs.
 *
 * @example
 * const { examples } = await preference.readUnpaired('rated.jsonl');
 * for await (const step of training.train(policy, examples, { objective: 'kto' })) {
 *   console.log(step.step, step.loss, step['rewards/chosen'] ?? 'no desirable example in this step');
 * }
 */
export function train(
  model: LanguageModel,
  examples: readonly UnpairedExample[],
  options: TrainOptions<UnpairedStepMetrics>,
): TrainingRun<UnpairedStepMetrics>;
export function train<Metrics extends UnpairedStepMetrics>(
  model: LanguageModel,
  rows: readonly TrainingRow[],
  options: TrainOptions<Metrics>,
): TrainingRun<Metrics> {
  return new TrainingRun(model, rows, options);
}
