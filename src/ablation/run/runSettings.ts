/**
 * The settings of a run: a preset, changed by the notebook, changed by the command line.
 *
 * `npm run reproduce` runs the same notebook that people run by hand. It passes its options as JSON in the environment
 * variable APOLAB_RUN; they take precedence over the notebook's settings.
 */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { ApolabError, UnknownNameError } from '../../core/errors.js';
import { workFolder } from '../../core/packageRoot.js';
import { miniatureWorld } from '../../datasets/index.js';
import { gridDatasetIds, gridObjectiveIds, type DatasetId } from '../../datasets/paper.js';
import type { EvaluationSplit } from '../../evaluation/villageHard.js';
import type { ObjectiveId } from '../../objectives/catalog.js';
import { columnsOf, type ColumnChoice, type Columns, type OtherName, type OwnColumn } from './columns.js';
import { presetIds, presets, type PresetId } from './presets.js';

/** All that a run is made of. */
export interface RunSettings {
  readonly preset: PresetId;
  /** The first seed; a run with several takes `seed`, `seed + 1`, ... Prompts, samples and batches follow from it. */
  readonly seed: number;
  /** How many seeds. */
  readonly seeds: number;
  /** Folder of everything that the run writes. */
  readonly out: string;
  /** Rows of the grid. */
  readonly datasets: readonly DatasetId[];
  /** Columns of the grid: ids of the catalog, or of the run's own objectives. */
  readonly objectives: readonly string[];
  /** The own objectives among the columns; absent if there are none. Their cells are trained in the caller's process. */
  readonly ownObjectives?: readonly OwnColumn[];
  /** JSONL files of pairs that replace a dataset's builder. */
  readonly pairs: Readonly<Partial<Record<DatasetId, string>>>;
  /** Pairs per dataset. */
  readonly pairCount: number;
  readonly epochs: number;
  /** Pairs per step. */
  readonly batchSize: number;
  /** Hard held-out prompts that score each checkpoint. */
  readonly evaluationPrompts: number;
  /** Their split: `test` for reported scores, `validation` for choosing settings. */
  readonly split: EvaluationSplit;
  /** Weight of the log-ratios in the objectives. */
  readonly beta: number;
  /** The learning rate of each objective; by default those that were frozen for the miniature world, DPO's for an own objective. */
  readonly learningRates: Readonly<Partial<Record<ObjectiveId | OtherName, number>>>;
  /** Cells trained at the same time, each in a process of its own. */
  readonly parallel: number;
  /** Start again even if an unfinished run of the same settings could be continued. */
  readonly fresh: boolean;
}

/** What changes settings. Columns can be ids, TRL's names, functions and own objectives. */
export type RunChanges = Partial<Omit<RunSettings, 'objectives'>> & { readonly objectives?: readonly ColumnChoice[] };

/** The environment variable that passes the command line's options to the kernel. */
export const runVariable = 'APOLAB_RUN';

/**
 * The settings of a run: preset `quick`, seed 0 and the paper's grid, changed by `changes`, changed by the command line.
 *
 * @throws ApolabError that names the wrong setting, its value and what would be right
 * @example
 * const run = ablation.runSettings({ preset: 'full', beta: 1 });
 *
 * @example
 * const hinge = objectives.define({
 *   id: 'hinge',
 *   compute: ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
 *     tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios)))),
 * });
 * const own = ablation.runSettings({ objectives: ['dpo', hinge], learningRates: { dpo: 1e-4, hinge: 1e-4 } });
 */
export function runSettings(changes: RunChanges = {}): RunSettings {
  const {
    objectives = gridObjectiveIds,
    ownObjectives: known,
    ...chosen
  }: RunChanges = {
    ...changes,
    ...fromEnvironment(),
  };
  const columns = columnsOf(objectives, known);
  const preset = chosen.preset ?? 'quick';
  if (!presetIds.includes(preset)) throw new UnknownNameError('preset', preset, presetIds);
  const { pairCount, epochs, seeds, evaluationPrompts, batchSize } = presets[preset];
  const seed = chosen.seed ?? 0;
  const settings: RunSettings = {
    preset,
    seed,
    seeds,
    out: path.join(workFolder, 'results', `${preset}-seed${seed}`),
    datasets: gridDatasetIds,
    pairs: {},
    pairCount,
    epochs,
    batchSize,
    evaluationPrompts,
    split: 'test',
    beta: 0.1,
    parallel: availableParallelism(),
    fresh: false,
    ...chosen,
    objectives: columns.objectives,
    ...(columns.own.length === 0 ? {} : { ownObjectives: columns.own }),
    learningRates: ratesFor(columns, chosen.learningRates ?? miniatureWorld.tuning().learningRates),
  };
  check(settings);
  return settings;
}

/** The rates, with DPO's for each own objective that has none. */
function ratesFor({ own }: Columns, rates: RunSettings['learningRates']): RunSettings['learningRates'] {
  const { dpo } = rates;
  return dpo === undefined ? rates : { ...Object.fromEntries(own.map(({ id }) => [id, dpo])), ...rates };
}

/** The run's learning rate for an objective. Throws an ApolabError if the settings have none. */
export function learningRate(run: RunSettings, objective: string): number {
  const rate = run.learningRates[objective];
  if (rate === undefined)
    throw new ApolabError(
      `No learning rate for ${objective}: datasets/miniature-world/tuning.json has none; give learningRates: { ${objective}: 1e-4 }.`,
    );
  return rate;
}

/**
 * Parses `clair=FILE`, the value of the command line's `--pairs`.
 *
 * @throws ApolabError if the form is wrong; UnknownNameError if the grid has no such dataset
 * @example
 * parsePairsOption('clair=mine.jsonl'); // { clair: '.../mine.jsonl' }
 */
export function parsePairsOption(option: string): Partial<Record<DatasetId, string>> {
  const [dataset = '', ...file] = option.split('=');
  if (file.length === 0 || file.join('=') === '')
    throw new ApolabError(`--pairs ${option}: write DATASET=FILE, for example --pairs clair=mine.jsonl.`);
  if (!isDatasetId(dataset)) throw new UnknownNameError('dataset', dataset, gridDatasetIds);
  return { [dataset]: path.resolve(file.join('=')) };
}

function fromEnvironment(): RunChanges {
  const json = process.env[runVariable];
  if (json === undefined || json === '') return {};
  try {
    return JSON.parse(json) as RunChanges;
  } catch (error) {
    throw new ApolabError(`${runVariable} must hold the run's settings as JSON, but holds: ${json}`, { cause: error });
  }
}

function check(run: RunSettings): void {
  for (const dataset of [...run.datasets, ...Object.keys(run.pairs)])
    if (!isDatasetId(dataset)) throw new UnknownNameError('dataset', dataset, gridDatasetIds);
  for (const objective of run.objectives) learningRate(run, objective);
  const atLeastOne = ['seeds', 'pairCount', 'epochs', 'batchSize', 'evaluationPrompts', 'parallel'] as const;
  for (const name of atLeastOne)
    if (!Number.isInteger(run[name]) || run[name] < 1)
      throw new ApolabError(`${name} must be a whole number of at least 1, but is ${run[name]}.`);
  // Above the safe integers, two seeds can be the same number.
  if (!Number.isSafeInteger(run.seed) || run.seed < 0)
    throw new ApolabError(`seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, but is ${run.seed}.`);
  if (!(run.beta > 0) || !Number.isFinite(run.beta))
    throw new ApolabError(`beta must be a number above 0, but is ${run.beta}.`);
  for (const [dataset, file] of Object.entries(run.pairs)) {
    if (!existsSync(file)) throw new ApolabError(`The pairs for ${dataset} are not there: no file ${file}.`);
    if (statSync(file).isDirectory())
      throw new ApolabError(`The pairs for ${dataset} are not there: ${file} is a folder; give a JSONL file.`);
  }
}

function isDatasetId(name: string): name is DatasetId {
  return (gridDatasetIds as readonly string[]).includes(name);
}
