/**
 * Preference training as an async iterator of step metrics: the loop belongs to the caller, who can stop, look, evaluate
 * the model between two steps, change the learning rate and go on.
 */
import type { LanguageModel } from '../model/index.js';
import type { PreferencePair } from '../pairs/pair.js';
import type { TrainOptions } from './trainOptions.js';
import { TrainingRun } from './trainingRun.js';

/**
 * Trains `model` on pairs, in place; as it is now it is the reference.
 *
 * The reference's log-probabilities are computed once. At the first step policy and reference must agree, which is checked.
 *
 * @throws ApolabError where there are no pairs, a pair cannot be trained on, an option is wrong, policy and reference
 * disagree at the start, or the checkpoint to go on from is another run's.
 * @throws UnknownNameError for an objective that is none.
 *
 * @example
 * for await (const step of training.train(policy, pairs, { objective: 'apo_zero' })) {
 *   console.log(step.step, step.loss, step['rewards/margins']);
 * }
 */
export function train(model: LanguageModel, pairs: readonly PreferencePair[], options: TrainOptions): TrainingRun {
  return new TrainingRun(model, pairs, options);
}
