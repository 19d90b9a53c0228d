/** Continues a run of an earlier process from a checkpoint. */
import { ApolabError } from '../core/errors.js';
import { checkSameRun, listCheckpoints, readTrainerState, restoreCheckpoint, type TrainerState } from './checkpoint.js';
import type { RunInputs, TrainingSession } from './trainingSession.js';

/** A run's settings, with those of the trained adapter if there is one. */
export function savedSettings({ settings, model: { adapter } }: RunInputs): TrainerState['settings'] {
  return { ...settings, ...(adapter === undefined ? {} : { adapter }) };
}

/**
 * Restores the checkpoint that the options name: the model's weights and the session.
 *
 * @returns the run's learning rate and history; undefined if the run starts at step 1
 * @throws ApolabError if the checkpoint is damaged or belongs to another run.
 */
export async function resumeSession(
  session: TrainingSession,
  inputs: RunInputs,
): Promise<Pick<TrainerState, 'learningRate' | 'history'> | undefined> {
  const { resume, checkpoint } = inputs.options;
  if (resume === undefined || resume === false || session.fingerprints === undefined) return undefined;
  if (resume === true && checkpoint === undefined) {
    throw new ApolabError(
      "resume: true continues from the newest checkpoint in a folder: give checkpoint: { folder: '...' }.",
    );
  }
  const place = resume === true ? (await listCheckpoints(checkpoint!.folder))[0] : resume;
  if (place === undefined) return undefined;
  const state = await readTrainerState(place);
  checkSameRun(place, state, { settings: savedSettings(inputs), fingerprints: session.fingerprints });
  await restoreCheckpoint(place, state, inputs.model, session.optimizer);
  session.shift = state.rewardShift;
  session.tokens = state.tokens;
  return state;
}
