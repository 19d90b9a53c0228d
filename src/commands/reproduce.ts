/**
 * `npm run reproduce`: the grid's notebook, executed without a front end by the real kernel and a real Jupyter client.
 *
 * The command's choices reach the notebook through APOLAB_RUN; progress goes to stderr, the table or the JSON to stdout.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { ApolabError } from '../core/errors.js';
import { jupyterEnvironment, jupyterRuntime, venvPython } from './jupyterEnvironment.js';
import { interruptedCode } from './exitCodes.js';
import { packageRoot } from '../core/packageRoot.js';
import { presets } from '../ablation/run/presets.js';
import { shownPath } from '../ablation/run/runFolder.js';
import { parsePairsOption, runSettings, runVariable, type RunSettings } from '../ablation/run/runSettings.js';
import { readGrid, runFiles } from '../ablation/run/saveGrid.js';
import { formatTable } from '../ablation/report/table.js';

const executor = path.join(packageRoot, 'src', 'commands', 'executeNotebook.py');
const notebook = path.join(packageRoot, 'notebooks', runFiles.notebook);
const examples = `
Presets:
${Object.entries(presets)
  .map(([id, { summary }]) => `  ${id.padEnd(8)} ${summary}`)
  .join('\n')}

Examples:
  $ npm run reproduce                                       the whole grid, in minutes
  $ npm run reproduce -- --preset full --out results/mine   the run that counts, in a folder of your own
  $ npm run reproduce -- --pairs clair=mine.jsonl           your pairs in place of the CLAIR set
  $ npm run reproduce -- --objectives dpo,apo_zero --beta 1 two columns, at another beta

A run that was interrupted is continued by the same command; a finished one is moved aside, never overwritten.
`;

/** The command, for the program's table of commands. */
export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description("train the paper's grid (datasets by objectives) and report it")
    .option('--preset <name>', `how large the run is: ${Object.keys(presets).join(', ')}`)
    .option('--seed <number>', 'seed of everything random (0)', wholeNumber)
    .option('--seeds <count>', "how many seeds, counted up from the first (the preset's)", wholeNumber)
    .option('--out <folder>', 'folder for the results (results/<preset>-seed<seed>)', (folder) => path.resolve(folder))
    .option('--pairs <dataset=file>', 'a JSONL file of prompt, chosen, rejected for a dataset (repeatable)', addPairs)
    .option('--datasets <ids>', 'only these rows, separated by commas', list)
    .option('--objectives <ids>', 'only these columns, separated by commas', list)
    .option('--epochs <count>', "epochs, with a checkpoint each (the preset's)", wholeNumber)
    .option('--pair-count <count>', "pairs of each dataset (the preset's)", wholeNumber)
    .option('--beta <number>', 'weight of the log-ratios in the objectives (0.1)', Number)
    .option('--parallel <count>', 'cells at a time (one a core)', wholeNumber)
    .option('--fresh', 'start anew instead of continuing an interrupted run')
    .option('--json', 'print the results as JSON instead of the table')
    .addHelpText('after', examples)
    .action(async ({ json = false, ...choices }: Partial<RunSettings> & { json?: boolean }) => {
      process.exitCode = await reproduce(choices, json);
    });
}

/** Runs the notebook and reports; gives the exit code. */
async function reproduce(choices: Partial<RunSettings>, json: boolean): Promise<number> {
  // Checked here, so that a slip of the pen is told at once and not by a cell's traceback.
  const run = runSettings(choices);
  if (!existsSync(venvPython))
    throw new ApolabError(`${venvPython} is missing, which runs the notebook. Make it: npm run setup`);
  await makeFolder(run.out);
  const code = await execute({ ...choices, out: run.out });
  const folder = shownPath(run.out);
  if (code === interruptedCode)
    console.error(`Stopped. Finished cells are kept in ${folder}; the same command goes on from there.`);
  if (code !== 0) return code;

  const grid = readGrid(path.join(run.out, runFiles.grid));
  if (json) console.log(JSON.stringify(grid, null, 1));
  else {
    const files = Object.values(runFiles).map((file) => `  ${path.join(folder, file)}`);
    console.log(`\n${formatTable(grid)}\n\nWritten:\n${files.join('\n')}`);
  }
  return grid.failures.length === 0 ? 0 : 1;
}

/** Executes the notebook and waits for it, through Ctrl-C too: the client saves what there is, then ends. */
async function execute(settings: Partial<RunSettings> & { readonly out: string }): Promise<number> {
  const output = path.join(settings.out, runFiles.notebook);
  await mkdir(jupyterRuntime, { recursive: true });
  const child = spawn(venvPython, [executor, notebook, output], {
    env: { ...jupyterEnvironment(), [runVariable]: JSON.stringify(settings) },
    // Its standard input stays open as long as this process lives; stdout is for the results alone.
    stdio: ['pipe', 'ignore', 'inherit'],
    // In a process group of its own, it hears of Ctrl-C once, from here, and not from the terminal and npm as well.
    detached: process.platform !== 'win32',
  });
  const passed: NodeJS.Signals[] = [];
  const pass = (signal: NodeJS.Signals) => {
    passed.push(signal);
    child.kill(signal);
  };
  process.on('SIGINT', pass).on('SIGTERM', pass).on('SIGHUP', pass);
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
    if (code !== null) return code;
    if (passed.length > 0) return interruptedCode;
    throw new ApolabError(`The notebook's client was ended by ${killedBy}; the same command goes on from there.`);
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass).off('SIGHUP', pass);
  }
}

/** The run's folder, made now: where that fails, the notebook's client would only say so in a traceback. */
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

function addPairs(option: string, before: RunSettings['pairs'] = {}): RunSettings['pairs'] {
  return { ...before, ...parsePairsOption(option) };
}

function list(text: string): string[] {
  return text.split(',').map((id) => id.trim());
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number)) throw new InvalidArgumentError('It must be a whole number.');
  return number;
}
