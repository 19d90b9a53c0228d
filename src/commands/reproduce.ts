/**
 * `npm run reproduce`: the grid's notebook, executed without a front end by the real kernel and a real Jupyter client.
 *
 * The command's choices reach the notebook in the environment variable APOLAB_RUN. Progress goes to standard error, the table
 * or the JSON to standard output.
 */
import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { formatBesidePaper } from '../ablation/report/besidePaper.js';
import { formatTable } from '../ablation/report/table.js';
import { presetIds, presets } from '../ablation/run/presets.js';
import { shownPath } from '../ablation/run/runFolder.js';
import { parsePairsOption, type RunSettings, runSettings, runVariable } from '../ablation/run/runSettings.js';
import { formatGrid, readGrid, runFiles } from '../ablation/run/saveGrid.js';
import { UnknownNameError, ApolabError } from '../core/errors.js';
import { packageRoot, setupCommand } from '../core/packageRoot.js';
import { gridDatasetIds } from '../datasets/paper.js';
import { findObjectiveId, type ObjectiveId, objectiveIds } from '../objectives/catalog.js';
import { fallbackNote } from '../tensor/tensorflowFiles.js';
import { executeNotebook } from './executeNotebook.js';
import { interruptedCode } from './exitCodes.js';
import { venvPython } from './jupyterEnvironment.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionRow, type OptionsOf, optionTable } from './options/optionTable.js';
import { listOf, oneOf, parseNumber, parseWholeNumber } from './options/parseValues.js';
import { objectiveHelp } from './train/objectiveOptions.js';

const notebook = path.join(packageRoot, 'notebooks', runFiles.notebook);

/** The run's settings as options. */
const settingOptions = {
  preset: {
    value: '<name>',
    help: `how large the run is: ${presetIds.join(', ')}`,
    parse: oneOf('preset', presetIds),
  },
  seed: { value: '<number>', help: 'seed of everything random', parse: parseWholeNumber, shownDefault: 0 },
  seeds: {
    value: '<count>',
    help: 'how many seeds, counted up from the first',
    parse: parseWholeNumber,
    shownDefault: "the preset's",
  },
  out: {
    value: '<folder>',
    help: 'folder for the results',
    parse: (folder: string) => path.resolve(folder),
    shownDefault: 'results/<preset>-seed<seed>',
  },
  datasets: {
    value: '<ids>',
    help: `only these rows, separated by commas: ${gridDatasetIds.join(', ')}`,
    parse: listOf(oneOf('dataset', gridDatasetIds)),
  },
  objectives: {
    value: '<ids>',
    help: `only these columns, separated by commas: ${objectiveHelp}`,
    parse: listOf(parseObjective),
  },
  epochs: {
    value: '<count>',
    help: 'epochs, with a checkpoint each',
    parse: parseWholeNumber,
    shownDefault: "the preset's",
  },
  pairCount: { value: '<count>', help: 'pairs of each dataset', parse: parseWholeNumber, shownDefault: "the preset's" },
  beta: {
    value: '<number>',
    help: 'weight of the log-ratios in the objectives',
    parse: parseNumber,
    shownDefault: 0.1,
  },
  parallel: { value: '<count>', help: 'cells at a time', parse: parseWholeNumber, shownDefault: 'one per core' },
  fresh: { help: 'start a new run instead of continuing an interrupted one' },
} as const satisfies Partial<Record<keyof RunSettings, OptionRow>>;

const reproduceOptions = optionTable({
  ...settingOptions,
  pairs: {
    value: '<dataset=file>',
    help: 'a file of prompt, chosen, rejected in place of a dataset (repeatable)',
    parse: parsePairsOption,
    repeatable: true,
  },
  json: { help: 'print the results as JSON instead of the table' },
});

/** The command, for the table of commands. */
export const reproduceCommand = () =>
  defineCommand({
    name: 'reproduce',
    description: "train the paper's grid (datasets by objectives) and report it",
    options: reproduceOptions,
    notes: [
      'Presets:',
      ...Object.entries(presets).map(([id, { summary }]) => `  ${id.padEnd(8)} ${summary}`),
      '',
      'The same command continues a run that was interrupted; a finished run is moved aside, never overwritten.',
    ],
    examples: [
      'npm run reproduce                                         # the whole grid, in minutes',
      'npm run reproduce -- --preset full --out results/mine     # the run that counts, in a folder of your own',
      'npm run reproduce -- --pairs clair=mine.jsonl             # your pairs in place of the CLAIR set',
      'npm run reproduce -- --objectives dpo,apo_zero --beta 1   # two columns, at another beta',
    ],
    run: async ({ json = false, ...options }) => {
      process.exitCode = await reproduce(options, json);
    },
  });

function parseObjective(name: string): ObjectiveId {
  const id = findObjectiveId(name);
  if (id === undefined) throw new UnknownNameError('objective', name, objectiveIds);
  return id;
}

/** Runs the notebook and reports; returns the exit code. */
async function reproduce(options: Omit<OptionsOf<typeof reproduceOptions>, 'json'>, json: boolean): Promise<number> {
  const { pairs, ...given } = options;
  const choices: Partial<RunSettings> = {
    ...given,
    ...(pairs === undefined ? {} : { pairs: Object.assign({}, ...pairs) as RunSettings['pairs'] }),
  };
  // Checked here, so that a wrong option is reported at once and not by a cell's traceback.
  const run = runSettings(choices);
  if (!existsSync(venvPython))
    throw new ApolabError(`${venvPython}, which runs the notebook, is missing. Install it: ${setupCommand}`);
  await makeFolder(run.out);
  const note = fallbackNote();
  if (note !== undefined) console.error(note);
  const settings = JSON.stringify({ ...choices, out: run.out });
  const code = await executeNotebook(notebook, path.join(run.out, runFiles.notebook), { [runVariable]: settings });
  const folder = shownPath(run.out);
  if (code === interruptedCode)
    console.error(`Stopped. Finished cells are kept in ${folder}; the same command goes on from there.`);
  if (code !== 0) return code;

  const grid = readGrid(path.join(run.out, runFiles.grid));
  if (json) process.stdout.write(formatGrid(grid));
  else {
    const files = Object.values(runFiles).map((file) => `  ${path.join(folder, file)}`);
    console.log(`\n${formatTable(grid)}\n\n${formatBesidePaper(grid)}\n\nWritten:\n${files.join('\n')}`);
  }
  return grid.failures.length === 0 ? 0 : 1;
}

/** Makes the run's folder before the notebook's client starts, which could only report a failure as a traceback. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new ApolabError(
      `${folder} can't take the results (${(error as Error).message}); choose another folder: --out DIR.`,
      { cause: error },
    );
  }
}
