/** `apolab train`: preference training from a shell. The same command continues a run that was stopped or killed. */
import path from 'node:path';
import { ApolabError } from '../core/errors.js';
import type { LanguageModel } from '../model/index.js';
import type { StepMetrics, TrainingRun, UnpairedStepMetrics } from '../training/index.js';
import { unpairedObjectives } from '../training/checkRows.js';
import { interruptedCode } from './exitCodes.js';
import { defineCommand } from './options/defineCommand.js';
import { checkModelFolder } from './options/sharedOptions.js';
import { followRun, referenceProgress } from './train/followRun.js';
import { toTrainOptions, type TrainFlags, trainFlags } from './train/options.js';
import { makeRunFolder, readUsableRows, removeRun, runFiles } from './train/runFolder.js';
import { Interrupted, listenForStop } from './train/stopRequest.js';

/** The command, for the table of commands. */
export const trainCommand = () =>
  defineCommand({
    name: 'train',
    description: 'train a model on preference pairs or on unpaired rows',
    options: trainFlags,
    notes: [
      'Ctrl-C saves a checkpoint. The same command continues from it; after a crash, from the last checkpoint. With --json, a',
      `run that continues prints the steps from there; ${runFiles.history} in its folder holds every step once.`,
      `Unpaired rows are for ${unpairedObjectives.join(', ')}: any number of completions, each with its label. If a file has pairs, too,`,
      'each counts as two examples; other objectives skip the unpaired rows, and say so.',
    ],
    examples: [
      'npx apolab train --model datasets/miniature-world/policy-0 --pairs pairs.jsonl --objective apo_zero --out results/mine',
      'npx apolab train --model my-model --pairs rated.jsonl --objective kto --undesirable-weight 2 --out results/rated',
    ],
    run: runTraining,
  });

async function runTraining(flags: TrainFlags): Promise<void> {
  checkModelFolder(flags.model);
  const out = path.resolve(flags.out);
  await makeRunFolder(out, flags.model);
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const [{ useBackend }, { saveAdapter }, training] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
    import('../training/index.js'),
  ]);
  const stop = listenForStop();
  const trainOptions = { ...toTrainOptions(flags, out), onReference: referenceProgress(stop) };
  // Before the model is read, so that a wrong option is reported at once.
  const { entry } = training.trainSettings(trainOptions);
  if (flags.fresh === true) await removeRun(out);
  await useBackend(flags.backend);
  const model = await loadPolicy(flags);
  const rows = await readUsableRows(flags.pairs, out, entry, model, flags.maxLength);
  const run = new training.TrainingRun<UnpairedStepMetrics>(model, rows, trainOptions);
  try {
    await followRun(run, out, stop, flags);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error(error.message);
    process.exitCode = interruptedCode;
    return;
  }
  await model.save(out);
  if (model.adapter !== undefined) {
    await saveAdapter(model, path.join(out, runFiles.adapter), path.resolve(flags.model));
  }
  if (flags.json !== true) console.log(summary(run, out));
}

/** The model, with a new adapter on it if `--lora-rank` was given. */
async function loadPolicy({ model, loraRank: rank, loraAlpha: alpha, seed }: TrainFlags): Promise<LanguageModel> {
  const { addAdapter, fromPretrained } = await import('../model/index.js');
  const base = await fromPretrained(model);
  if (rank !== undefined) {
    return addAdapter(base, {
      rank,
      ...(alpha === undefined ? {} : { alpha }),
      ...(seed === undefined ? {} : { seed }),
    });
  }
  if (alpha === undefined) return base;
  throw new ApolabError('--lora-alpha is of no use without --lora-rank, which adds an adapter.');
}

function summary({ history }: TrainingRun<UnpairedStepMetrics>, out: string): string {
  const [first, last] = [history[0]!, history.at(-1)!];
  const { 'rewards/margins': margin } = last;
  // A step on unpaired examples has no accuracy, and no margin if it has one label only.
  const accuracy = (last as Partial<StepMetrics>)['rewards/accuracies'];
  const parts = [
    `loss ${first.loss.toFixed(4)} to ${last.loss.toFixed(4)}`,
    ...(margin === undefined ? [] : [`reward margin ${margin.toFixed(4)}`]),
    ...(accuracy === undefined ? [] : [`accuracy ${accuracy.toFixed(2)}`]),
  ];
  return `${history.length} steps: ${parts.join(', ')}.\nSaved ${out}`;
}
