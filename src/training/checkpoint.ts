/**
 * Checkpoints of a run: folders `checkpoint-<step>` with the model (or its adapter), optimizer.safetensors and trainer_state.json.
 * A folder is written under a temporary name and renamed when it is complete.
 */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import {
  fromPretrained,
  readSafetensors,
  saveAdapter,
  writeSafetensors,
  type Adapter,
  type LanguageModel,
  type Parameters,
} from '../model/index.js';
import { tf } from '../tensor/index.js';
import type { UnpairedStep, UnpairedStepMetrics } from './metrics.js';
import type { RewardShift } from './microBatch.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import type { ReferenceKey } from './referenceCache.js';
import { checkpointDefaults, type CheckpointOptions, type TrainSettings } from './trainOptions.js';

/** The content of trainer_state.json. Random orders depend only on seed and epoch, so no random state is saved. */
export interface TrainerState {
  readonly format: typeof format;
  readonly step: number;
  readonly steps: number;
  /** The schedule's full rate, which the caller can change during a run. */
  readonly learningRate: number;
  /** The run's settings, and those of the trained adapter if there is one. */
  readonly settings: TrainSettings & { readonly adapter?: Adapter };
  /** Fingerprints of the model and the rows that the run began with. */
  readonly fingerprints: ReferenceKey;
  /** Steps that the optimizer has taken. */
  readonly optimizerSteps: number;
  readonly rewardShift: RewardShift;
  /** Tokens trained on so far, see `sequenceTokens`. */
  readonly tokens: number;
  readonly history: readonly UnpairedStep[];
}

const format = 1;
const stateFile = 'trainer_state.json';
const optimizerFile = 'optimizer.safetensors';
/** PEFT's name of an adapter's weights, which saveAdapter writes. */
const adapterFile = 'adapter_model.safetensors';
const namePattern = /^checkpoint-(\d+)$/;

/**
 * Writes `checkpoint-<step>` and removes all checkpoints except the newest `keep`.
 *
 * @returns the checkpoint's folder
 */
export async function saveCheckpoint(
  { folder, keep = checkpointDefaults.keep }: CheckpointOptions,
  model: LanguageModel,
  { steps: optimizerSteps, tensors }: OptimizerState,
  state: Omit<TrainerState, 'format' | 'optimizerSteps'>,
): Promise<string> {
  const place = path.join(folder, `checkpoint-${state.step}`);
  const temporary = path.join(folder, `.checkpoint-${state.step}.${process.pid}.part`);
  await removeParts(folder);
  await (model.adapter === undefined ? model.save(temporary) : saveAdapter(model, temporary));
  await writeSafetensors(path.join(temporary, optimizerFile), tensors);
  await writeAtomic(
    path.join(temporary, stateFile),
    `${JSON.stringify({ format, ...state, optimizerSteps }, null, 2)}\n`,
  );
  // A folder with this name is from the same run, saved by a process that was then resumed from an earlier checkpoint.
  await rm(place, { recursive: true, force: true });
  await rename(temporary, place);
  const old = (await listCheckpoints(folder)).slice(keep);
  for (const name of old) await rm(name, { recursive: true, force: true });
  return place;
}

/** Whether a run saves a checkpoint after this step. */
export function isCheckpointStep(
  options: CheckpointOptions | undefined,
  { step, steps }: UnpairedStepMetrics,
): boolean {
  return options !== undefined && (step === steps || step % (options.every ?? checkpointDefaults.every) === 0);
}

/** The folders of the checkpoints in a folder, newest first; empty if the folder does not exist. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const stepOf = (name: string) => Number(namePattern.exec(name)?.[1] ?? Number.NaN);
  return names
    .filter((name) => namePattern.test(name))
    .sort((left, right) => stepOf(right) - stepOf(left))
    .map((name) => path.join(folder, name));
}

/** Removes the incomplete checkpoints of killed processes. */
async function removeParts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names) {
    if (/^\.checkpoint-\d+\.\d+\.part$/.test(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Reads a checkpoint's trainer_state.json.
 *
 * @throws ApolabError if the file does not exist, is damaged, or has another version's format.
 */
export async function readTrainerState(checkpoint: string): Promise<TrainerState> {
  const file = path.join(checkpoint, stateFile);
  const explain = (what: string, error?: unknown) =>
    new ApolabError(
      `${file} ${what}. Remove ${checkpoint} to continue from the checkpoint before it, or start a new run.`,
      error === undefined ? {} : { cause: error },
    );
  let state: Partial<TrainerState>;
  try {
    state = JSON.parse(await readFile(file, 'utf8')) as Partial<TrainerState>;
  } catch (error) {
    throw explain(`cannot be read (${(error as Error).message})`, error);
  }
  if (state.format !== format || !Array.isArray(state.history) || state.history.length !== state.step) {
    throw explain('is not a trainer state of this version');
  }
  return state as TrainerState;
}

/**
 * Checks that a checkpoint belongs to this run.
 *
 * @param now the settings and fingerprints of this run
 * @throws ApolabError if settings, model weights or rows differ; it names the differences.
 */
export function checkSameRun(
  checkpoint: string,
  state: TrainerState,
  now: Pick<TrainerState, 'settings' | 'fingerprints'>,
): void {
  const differences = [
    ...settingDifferences(state.settings, now.settings),
    ...(state.fingerprints.model === now.fingerprints.model ? [] : ["the model's weights"]),
    ...(state.fingerprints.pairs === now.fingerprints.pairs
      ? []
      : ["the rows' tokens or labels (rows, tokenizer or chat template)"]),
  ];
  if (differences.length === 0) return;
  throw new ApolabError(
    `${checkpoint} belongs to another run; what differs: ${differences.join('; ')}. ` +
      'Continue with the inputs of that run, or start a new one (in another folder, or with --fresh on the command line).',
  );
}

function settingDifferences(then: object, now: object): string[] {
  const [before, after] = [then, now].map(
    (settings) => JSON.parse(JSON.stringify(settings)) as Record<string, unknown>,
  );
  return [...new Set([...Object.keys(before!), ...Object.keys(after!)])].flatMap((name) => {
    const [left, right] = [JSON.stringify(before![name]), JSON.stringify(after![name])] as (string | undefined)[];
    if (left !== right && name === 'objectiveDefinition') return ["the text of the objective's function"];
    return left === right ? [] : [`${name} was ${left ?? 'not given'}, is ${right ?? 'not given'}`];
  });
}

/**
 * Copies a checkpoint's weights into the model and its running values into the optimizer.
 *
 * @throws ApolabError if the checkpoint does not fit the model.
 */
export async function restoreCheckpoint(
  checkpoint: string,
  state: TrainerState,
  model: LanguageModel,
  optimizer: Optimizer,
): Promise<void> {
  const weights = await readWeights(checkpoint, model);
  try {
    for (const [name, variable] of Object.entries(model.trainable)) {
      const value = weights[name];
      if (value?.shape.join() !== variable.shape.join()) {
        throw new ApolabError(`${checkpoint} has no '${name}' of shape [${variable.shape.join(', ')}].`);
      }
      variable.assign(value);
    }
  } finally {
    tf.dispose(Object.values(weights));
  }
  const tensors = await readSafetensors(path.join(checkpoint, optimizerFile));
  optimizer.restore({ steps: state.optimizerSteps, tensors });
}

/** The trained tensors: the adapter's if the model has one, otherwise all. The caller disposes of them. */
async function readWeights(checkpoint: string, { adapter }: LanguageModel): Promise<Parameters> {
  if (adapter === undefined) return (await fromPretrained(checkpoint)).parameters;
  const tensors = Object.entries(await readSafetensors(path.join(checkpoint, adapterFile)));
  return Object.fromEntries(tensors.map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
}
