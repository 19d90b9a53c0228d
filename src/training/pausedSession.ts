/** A session without tensors: what a run that was stopped keeps in memory until it is continued. */
import type { LanguageModel, TensorValues } from '../model/index.js';
import { ApolabError } from '../core/errors.js';
import { read, tf } from '../tensor/index.js';
import type { OptimizerState } from './optimizer.js';
import { createOptimizer } from './optimizers.js';
import { endSession, type TrainingSession } from './trainingSession.js';
import type { TrainSettings } from './trainOptions.js';

/** A stopped session: its tensors as ordinary arrays, which are freed when nothing names the run any more. */
export interface PausedSession extends Omit<TrainingSession, 'optimizer' | 'reference'> {
  readonly optimizer: OptimizerState;
  readonly reference: Readonly<Record<string, TensorValues>> | undefined;
  /** The identity of the values of each trained tensor when the session was stopped. */
  readonly weights: ReadonlyMap<string, object>;
}

/** Reads a session's tensors into memory and frees them. */
export async function pauseSession(session: TrainingSession, model: LanguageModel): Promise<PausedSession> {
  try {
    const optimizer = await session.optimizer.save();
    return { ...session, optimizer, reference: await valuesOf(session.reference), weights: weightsOf(model) };
  } finally {
    endSession(session);
  }
}

/**
 * The session again, with its tensors: the next step is the one that an uninterrupted run would take.
 *
 * @throws ApolabError if something else changed the model's weights after the session was stopped.
 */
export function continueSession(paused: PausedSession, model: LanguageModel, settings: TrainSettings): TrainingSession {
  const now = weightsOf(model);
  const changed = [...paused.weights].filter(([name, values]) => now.get(name) !== values).map(([name]) => name);
  if (changed.length > 0) {
    throw new ApolabError(
      `The run cannot continue: after it was stopped, something else changed the model's weights (${changed.length} of ` +
        `${paused.weights.size} tensors, the first is '${changed[0]}'). Start a new run with train(), which takes the weights as they are now.`,
    );
  }
  const optimizer = createOptimizer(model.trainable, settings.optimizer);
  optimizer.restore(paused.optimizer);
  const reference =
    paused.reference === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(paused.reference).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
        );
  return { ...paused, optimizer, reference };
}

/** The state of a session's optimizer, as a checkpoint saves it. */
export async function optimizerStateOf({ optimizer }: TrainingSession | PausedSession): Promise<OptimizerState> {
  return 'save' in optimizer ? optimizer.save() : optimizer;
}

async function valuesOf(tensors: TrainingSession['reference']): Promise<PausedSession['reference']> {
  if (tensors === undefined) return undefined;
  const values: Record<string, TensorValues> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    values[name] = { shape: tensor.shape, values: await read(tensor) };
  }
  return values;
}

/** TensorFlow.js gives a variable another `dataId` with each assignment. */
function weightsOf({ trainable }: LanguageModel): Map<string, object> {
  return new Map(Object.entries(trainable).map(([name, variable]) => [name, variable.dataId]));
}
