/**
 * `apolab train`: preference training from a shell. Its folder holds the run: checkpoints on the way, the model at the end,
 * every step's metrics, the settings, the rows that were not used. The same command goes on where the last one stopped.
 */
import { appendFileSync, existsSync, realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import type { LanguageModel } from '../model/index.js';
import type { ObjectiveOptions } from '../objectives/index.js';
import type { PreferencePair } from '../preference.js';
import { createProgress, type ProgressLine } from '../core/progress.js';
import type { OptimizerId, OptimizerOptions, Schedule, Step, TrainingRun, TrainOptions } from '../training/index.js';
import {
  backendOption,
  checkModelFolder,
  modelOption,
  number,
  pairsOption,
  positiveWholeNumber,
  wholeNumber,
} from './options.js';
import { interruptedCode } from './exitCodes.js';

interface Options {
  readonly model: string;
  readonly pairs: string;
  readonly out: string;
  readonly objective: string;
  readonly beta?: number;
  readonly learningRate?: number;
  readonly batchSize?: number;
  readonly gradientAccumulation?: number;
  readonly epochs?: number;
  readonly maxSteps?: number;
  readonly seed?: number;
  readonly shuffle: boolean;
  readonly optimizer?: OptimizerId;
  readonly weightDecay?: number;
  readonly adamBeta1?: number;
  readonly adamBeta2?: number;
  readonly adamEpsilon?: number;
  readonly schedule?: Schedule;
  readonly warmupRatio?: number;
  readonly warmupSteps?: number;
  readonly maxGradNorm?: number;
  readonly maxLength: number;
  readonly labelSmoothing?: number;
  readonly desirableWeight?: number;
  readonly undesirableWeight?: number;
  readonly gamma?: number;
  readonly likelihoodWeight?: number;
  readonly penaltyWeight?: number;
  readonly loraRank?: number;
  readonly loraAlpha?: number;
  readonly saveSteps: number;
  readonly saveTotalLimit: number;
  readonly referenceCache?: string;
  readonly fresh?: true;
  readonly backend?: string;
  readonly json?: true;
}

/** The files of a run's folder beside the model's own and the checkpoints. */
const files = {
  settings: 'settings.json',
  history: 'history.jsonl',
  skipped: 'skipped.jsonl',
  adapter: 'adapter',
  references: 'reference-cache',
} as const;

/** The objectives' own options, by their names as flags. */
const objectiveFlags = {
  labelSmoothing: ['--label-smoothing <share>', 'share of pairs taken to be the wrong way round'],
  desirableWeight: ['--desirable-weight <number>', 'weight of the chosen half of an unpaired objective'],
  undesirableWeight: ['--undesirable-weight <number>', 'weight of its rejected half'],
  gamma: ['--gamma <number>', "SimPO's target margin"],
  likelihoodWeight: ['--likelihood-weight <number>', "weight of the chosen responses' likelihood (CPO's alpha)"],
  penaltyWeight: ['--penalty-weight <number>', "weight of DPOP's penalty"],
} as const satisfies Record<Exclude<keyof ObjectiveOptions, 'beta'>, readonly [flag: string, meaning: string]>;

/** TRL's own default. */
const defaultMaxLength = 1024;
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a model on preference pairs')
    .addOption(modelOption())
    .addOption(pairsOption())
    .requiredOption('--objective <id>', 'sft, dpo, kto, apo_zero, apo_down and others')
    .requiredOption('--out <folder>', 'folder of the run: checkpoints, and at the end the model')
    .option('--beta <number>', "weight of the log-ratios (the objective's own)", number)
    .option('--learning-rate <number>', 'full rate of the schedule (0.0001)', number)
    .option('--batch-size <pairs>', 'pairs a micro-batch (16)', number)
    .option('--gradient-accumulation <count>', 'micro-batches a step (1)', number)
    .option('--epochs <number>', 'times that every pair is seen (1)', number)
    .option('--max-steps <count>', 'steps of the whole run, whatever the epochs', number)
    .option('--seed <number>', "seed of the pairs' order and of an adapter (0)", wholeNumber)
    .option('--no-shuffle', 'take the pairs as they lie in the file')
    .option('--optimizer <name>', 'adamw or rmsprop (adamw)')
    .option('--weight-decay <number>', 'of the optimizer (0)', number)
    .option('--adam-beta1 <share>', "AdamW's memory of the gradient (0.9)", number)
    .option('--adam-beta2 <share>', "AdamW's memory of its square (0.999)", number)
    .option('--adam-epsilon <number>', "added to AdamW's denominator (1e-8)", number)
    .option('--schedule <name>', 'constant, linear or cosine (constant)')
    .option('--warmup-ratio <share>', 'share of the steps over which the rate rises (0)', number)
    .option('--warmup-steps <count>', 'steps over which the rate rises, in place of a share', number)
    .option('--max-grad-norm <number>', 'norm that gradients are scaled down to (1)', number)
    .option('--max-length <tokens>', 'tokens a sequence is cut to', positiveWholeNumber, defaultMaxLength)
    .option('--lora-rank <rank>', 'train an adapter of this rank instead of the whole model', positiveWholeNumber)
    .option('--lora-alpha <number>', "the adapter's scale times its rank (twice the rank)", number)
    .option('--save-steps <count>', 'steps between two checkpoints', positiveWholeNumber, 100)
    .option('--save-total-limit <count>', 'checkpoints that are kept, the newest', positiveWholeNumber, 2)
    .option('--reference-cache <folder>', "where the reference's log-probabilities are kept (in --out)")
    .option('--fresh', 'start anew: remove what an earlier run left in --out')
    .addOption(backendOption())
    .option('--json', 'print one object a step, numbers unrounded, under the names by which TRL logs them')
    .addHelpText(
      'after',
      '\nCtrl-C saves a checkpoint; the same command goes on from it, also after a crash, from the last one saved. With --json' +
        '\na run that goes on prints the steps from there; history.jsonl in its folder holds all of them, once each.' +
        '\n\nExample:\n  $ npx apolab train --model datasets/miniature-world/policy-0 --pairs pairs.jsonl --objective apo_zero --out results/mine',
    )
    .action(runTraining);
  for (const [flag, meaning] of Object.values(objectiveFlags)) {
    command.option(flag, `${meaning}, for objectives that have it`, number);
  }
  return command;
}

async function runTraining(options: Options): Promise<void> {
  checkModelFolder(options.model);
  const out = path.resolve(options.out);
  await checkOutFolder(out, options.model);
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const [{ useBackend }, { saveAdapter }, training] = await Promise.all([
    import('../tensor/index.js'),
    import('../model/index.js'),
    import('../training/index.js'),
  ]);
  const stop = listenForSignals();
  const trainOptions = { ...toTrainOptions(options, out), onReference: showReference(stop) };
  // Before the model is read, so that a slip of the pen is told at once.
  training.trainSettings(trainOptions);
  if (options.fresh === true) await removeRun(out);
  await useBackend(options.backend);
  const model = await loadPolicy(options);
  const run = training.train(model, await readUsablePairs(options, out, model), trainOptions);
  try {
    await follow(run, out, stop, options);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error(error.message);
    process.exitCode = interruptedCode;
    return;
  }
  await model.save(out);
  if (model.adapter !== undefined) {
    await saveAdapter(model, path.join(out, files.adapter), path.resolve(options.model));
  }
  if (options.json !== true) console.log(summary(run, out));
}

/** Somebody stopped the run; the message says what was saved and how to go on. */
class Interrupted extends Error {}

/** The model, with a fresh adapter on it where one is asked for. */
async function loadPolicy({ model, loraRank: rank, loraAlpha: alpha, seed }: Options): Promise<LanguageModel> {
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
  throw new ApolabError('--lora-alpha is of no use without --lora-rank, which asks for an adapter.');
}

function toTrainOptions(options: Options, out: string): TrainOptions {
  const { saveSteps, saveTotalLimit, optimizer = 'adamw', weightDecay } = options;
  const adam = { beta1: options.adamBeta1, beta2: options.adamBeta2, epsilon: options.adamEpsilon };
  const flags = Object.keys(objectiveFlags) as (keyof typeof objectiveFlags)[];
  const given = {
    objective: options.objective,
    beta: options.beta,
    objectiveOptions: defined(Object.fromEntries(flags.map((name) => [name, options[name]]))),
    learningRate: options.learningRate,
    batchSize: options.batchSize,
    gradientAccumulation: options.gradientAccumulation,
    epochs: options.epochs,
    maxSteps: options.maxSteps,
    seed: options.seed,
    shuffle: options.shuffle,
    optimizer: defined({ name: optimizer, weightDecay, ...adam }) as OptimizerOptions,
    schedule: options.schedule,
    warmupRatio: options.warmupRatio,
    warmupSteps: options.warmupSteps,
    maxGradientNorm: options.maxGradNorm,
    maxLength: options.maxLength,
    checkpoint: { folder: out, every: saveSteps, keep: saveTotalLimit },
    resume: true,
    referenceCache: path.resolve(options.referenceCache ?? path.join(out, files.references)),
  } satisfies { [Name in keyof TrainOptions]: TrainOptions[Name] | undefined };
  return defined(given) as TrainOptions;
}

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The run's folder, made now; refused where the model that it would get has other owners. */
async function checkOutFolder(out: string, model: string): Promise<void> {
  if (existsSync(out) && realpathSync(out) === realpathSync(model)) {
    throw new ApolabError(
      `--out ${out} is the folder of --model, which the trained model would replace; give another.`,
    );
  }
  if (existsSync(path.join(out, 'config.json')) && !existsSync(path.join(out, files.settings))) {
    throw new ApolabError(`--out ${out} holds a model that no run of apolab left there; give another folder.`);
  }
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw new ApolabError(`--out ${out} can't be made (${(error as Error).message}); give another folder.`, {
      cause: error,
    });
  }
}

/** Removes what makes a run go on. The reference's log-probabilities stay: they are used by fingerprint only. */
async function removeRun(out: string): Promise<void> {
  const { listCheckpoints } = await import('../training/index.js');
  const gone = [files.settings, files.history, files.skipped, files.adapter].map((name) => path.join(out, name));
  for (const place of [...(await listCheckpoints(out)), ...gone]) await rm(place, { recursive: true, force: true });
}

/** The pairs that can be trained on; every other row is told, and kept with its reason. */
async function readUsablePairs(
  { pairs: file, maxLength }: Options,
  out: string,
  { tokenizer, config }: LanguageModel,
): Promise<PreferencePair[]> {
  const { formatSkipped, readPairs } = await import('../preference.js');
  const { whyNotTrainable } = await import('../training/index.js');
  const { pairs, skipped } = await readPairs(file, {
    check: (pair) => whyNotTrainable(tokenizer, config.maxPositions, pair, maxLength),
  });
  const place = path.join(out, files.skipped);
  await writeAtomic(place, skipped.map((row) => `${JSON.stringify(row)}\n`).join(''));
  if (skipped.length > 0) console.error(`${formatSkipped(skipped, file)}\nAll of them are kept in ${place}.`);
  if (pairs.length === 0) throw new ApolabError(`${file} has no row that can be trained on.`);
  return pairs;
}

/** Whether somebody asked for an end. */
interface Stop {
  readonly asked: () => boolean;
  dispose(): void;
}

/** Ctrl-C ends the run after its step, saved; a second one ends it at once. */
function listenForSignals(): Stop {
  let times = 0;
  const hear = () => {
    times += 1;
    if (times > 1) process.exit(interruptedCode);
    console.error('\nStopping after this step; once more stops at once.');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  signals.forEach((signal) => process.on(signal, hear));
  return { asked: () => times > 0, dispose: () => signals.forEach((signal) => process.off(signal, hear)) };
}

function showReference(stop: Stop): (done: number, total: number) => void {
  let progress: ProgressLine | undefined;
  return (done, total) => {
    progress ??= createProgress('reference', total);
    progress.update(done);
    if (done === total) progress.finish();
    if (stop.asked()) throw new Interrupted('Stopped before the first step; the same command starts again.');
  };
}

/**
 * Takes every step, and writes what it logs: to standard output as JSON if asked, and to the history's file, so that the
 * file always holds the whole run and nothing twice.
 */
async function follow(run: TrainingRun, out: string, stop: Stop, options: Options): Promise<void> {
  const file = path.join(out, files.history);
  const line = (step: Step) => `${JSON.stringify(step)}\n`;
  const begin = async (before: readonly Step[], next: readonly Step[]) => {
    run.findings.forEach(({ message }) => console.error(`note: ${message}`));
    if (run.referenceSource?.kind === 'computed' && run.referenceSource.damaged !== undefined) {
      console.error(`note: ${run.referenceSource.damaged}; the reference's log-probabilities were computed anew.`);
    }
    if (before.length > 0) console.error(`Going on after step ${before.length}.`);
    // Only now is it certain that the folder's run is this one.
    const settings = { model: path.resolve(options.model), pairs: path.resolve(options.pairs), ...run.settings };
    await writeAtomic(path.join(out, files.settings), `${JSON.stringify(settings, null, 2)}\n`);
    await writeAtomic(file, [...before, ...next].map(line).join(''));
  };
  let progress: ProgressLine | undefined;
  for await (const step of run) {
    if (progress === undefined) {
      await begin(run.history.slice(0, -1), [step]);
      progress = createProgress('training', step.steps, process.stderr, Date.now, step.step - 1);
    } else {
      appendFileSync(file, line(step));
    }
    if (options.json === true) console.log(JSON.stringify(step));
    progress.update(step.step, noteOf(step));
    if (stop.asked() && step.step < step.steps) {
      progress.finish(noteOf(step));
      throw new Interrupted(`Saved ${await run.save()}. The same command goes on from there.`);
    }
  }
  stop.dispose();
  const last = run.history.at(-1);
  if (progress === undefined) {
    await begin(run.history, []);
    console.error('Every step of this run is taken already; --fresh starts anew.');
  } else if (last !== undefined) {
    progress.finish(noteOf(last));
  }
}

const noteOf = (step: Step) => `loss ${step.loss.toFixed(4)}  margin ${step['rewards/margins'].toFixed(3)}`;

function summary({ history }: TrainingRun, out: string): string {
  const [first, last] = [history[0]!, history.at(-1)!];
  return (
    `${history.length} steps: loss ${first.loss.toFixed(4)} to ${last.loss.toFixed(4)}, ` +
    `reward margin ${last['rewards/margins'].toFixed(4)}, accuracy ${last['rewards/accuracies'].toFixed(2)}.\n` +
    `Saved ${out}`
  );
}
