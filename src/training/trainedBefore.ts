/** Notices that a model was trained before in this process: the reference of a new run is then the trained model. */
import type { LanguageModel } from '../model/index.js';
import { countOf } from '../core/text.js';
import type { TemplateFinding } from './templateChecks.js';

/** A run's model was trained by an earlier run of this process. */
export interface TrainedBefore {
  readonly check: 'trained_before';
  /** Steps of all earlier runs on the model. */
  readonly steps: number;
  /** The finding as a text. */
  readonly message: string;
}

/** What a run finds before its first step: a result of the template checks, or that the model was trained before. */
export type RunFinding = TemplateFinding | TrainedBefore;

const stepsTaken = new WeakMap<LanguageModel, number>();
const warned = new WeakSet<LanguageModel>();

/** Counts a step of a run on the model. */
export function countStep(model: LanguageModel): void {
  stepsTaken.set(model, (stepsTaken.get(model) ?? 0) + 1);
}

/** The finding, if the model was trained before; its text is also shown on standard error, once per model. */
export function findTrainedBefore(model: LanguageModel): TrainedBefore[] {
  const steps = stepsTaken.get(model) ?? 0;
  if (steps === 0) return [];
  const message =
    `trained_before: the reference is the model as it is now, after ${countOf(steps, 'step')} of training. ` +
    `To start from the same weights each time, train a copy: training.train(${model.name}.clone(), ...).`;
  if (!warned.has(model)) console.warn(message);
  warned.add(model);
  return [{ check: 'trained_before', steps, message }];
}
