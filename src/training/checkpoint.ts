/**
 * Checkpoints of a run: `checkpoint-<step>/` with the model as it is saved anywhere, optimizer.safetensors, and
 * trainer_state.json. A folder is written beside its place and renamed into it: it is there whole or not at all.
 */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/files.js';
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
import type { Step } from './metrics.js';
import type { RewardShift } from './microBatch.js';
import type { Optimizer } from './optimizer.js';
import type { ReferenceKey } from './referenceCache.js';
import { checkpointDefaults, type CheckpointOptions, type TrainSettings } from './trainOptions.js';

/** What trainer_state.json holds. Randomness is drawn by seed and epoch, so there is no state of it to keep. */
export interface TrainerState {
  readonly format: typeof format;
  readonly step: number;
  readonly steps: number;
  /** The schedule's full rate, which the caller may have changed. */
  readonly learningRate: number;
  readonly settings: TrainSettings & { readonly adapter?: Adapter };
  /** What the run began with. */
  readonly fingerprints: ReferenceKey;
  readonly optimizerSteps: number;
  readonly rewardShift: RewardShift;
  readonly tokens: number;
  readonly history: readonly Step[];
}

const format = 1;
const stateFile = 'trainer_state.json';
const optimizerFile = 'optimizer.safetensors';
/** PEFT's name, under which models.saveAdapter writes. */
const adapterFile = 'adapter_model.safetensors';
const namePattern = /^checkpoint-(\d+)$/;

/** Writes `checkpoint-<step>` and removes all but the newest `keep`. */
export async function saveCheckpoint(
  { folder, keep = checkpointDefaults.keep }: CheckpointOptions,
  model: LanguageModel,
  optimizer: Optimizer,
  state: Omit<TrainerState, 'format' | 'optimizerSteps'>,
): Promise<string> {
  const place = path.join(folder, `checkpoint-${state.step}`);
  const temporary = path.join(folder, `.checkpoint-${state.step}.${process.pid}.part`);
  await removeParts(folder);
  const { steps: optimizerSteps, tensors } = await optimizer.save();
  await (model.adapter === undefined ? model.save(temporary) : saveAdapter(model, temporary));
  await writeSafetensors(path.join(temporary, optimizerFile), tensors);
  await writeAtomic(
    path.join(temporary, stateFile),
    `${JSON.stringify({ format, ...state, optimizerSteps }, null, 2)}\n`,
  );
  // A folder of that name is of this very run, from a process that went on from an earlier checkpoint: the same again.
  await rm(place, { recursive: true, force: true });
  await rename(temporary, place);
  const old = (await listCheckpoints(folder)).slice(keep);
  for (const name of old) await rm(name, { recursive: true, force: true });
  return place;
}

/** The checkpoints in a folder, the newest first. */
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

/** What a killed process left unfinished. */
async function removeParts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names) {
    if (/^\.checkpoint-\d+\.\d+\.part$/.test(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Reads a checkpoint's trainer_state.json.
 *
 * @throws ApolabError where it isn't there, or is no such file.
 */
export async function readTrainerState(checkpoint: string): Promise<TrainerState> {
  const file = path.join(checkpoint, stateFile);
  const explain = (what: string, error?: unknown) =>
    new ApolabError(
      `${file} ${what}. Remove ${checkpoint} to go on from the checkpoint before it, or start anew.`,
      error === undefined ? {} : { cause: error },
    );
  let state: Partial<TrainerState>;
  try {
    state = JSON.parse(await readFile(file, 'utf8')) as Partial<TrainerState>;
  } catch (error) {
    throw explain(`cannot be read (${(error as Error).message})`, error);
  }
  if (state.format !== format || !Array.isArray(state.history) || state.history.length !== state.step) {
    throw explain('is no state of a run of this version');
  }
  return state as TrainerState;
}

/**
 * Checks that a checkpoint belongs to this run.
 *
 * @throws ApolabError that says what differs: settings, the model's weights, or the pairs.
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
      : ["the pairs' tokens (rows, tokenizer or chat template)"]),
  ];
  if (differences.length === 0) return;
  throw new ApolabError(
    `${checkpoint} belongs to another run; what differs: ${differences.join('; ')}. ` +
      'Go on with what that run began with, or start anew (in another folder, or with --fresh on the command line).',
  );
}

function settingDifferences(then: object, now: object): string[] {
  const [before, after] = [then, now].map(
    (settings) => JSON.parse(JSON.stringify(settings)) as Record<string, unknown>,
  );
  return [...new Set([...Object.keys(before!), ...Object.keys(after!)])].flatMap((name) => {
    const [left, right] = [JSON.stringify(before![name]), JSON.stringify(after![name])] as (string | undefined)[];
    return left === right ? [] : [`${name} was ${left ?? 'not given'}, is ${right ?? 'not given'}`];
  });
}

/** Puts a checkpoint's weights into the model and its running values into the optimizer. */
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

/** What training moved: the adapter's tensors, or else the whole model's. The caller disposes of them. */
async function readWeights(checkpoint: string, { adapter }: LanguageModel): Promise<Parameters> {
  if (adapter === undefined) return (await fromPretrained(checkpoint)).parameters;
  const tensors = Object.entries(await readSafetensors(path.join(checkpoint, adapterFile)));
  return Object.fromEntries(tensors.map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
}
