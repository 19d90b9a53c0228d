/**
 * `apolab tune`: chooses the learning rates that the grid's presets use, and freezes them in
 * datasets/miniature-world/tuning.json.
 *
 * Every objective has the same budget: the same rates on all four datasets. The best rate has the greatest mean change over
 * the checkpoints on the validation split, averaged over the datasets; the test split is not used.
 */
import path from 'node:path';
import type { Grid } from '../ablation/index.js';
import { writeAtomic } from '../core/atomicFile.js';
import { packageRoot } from '../core/packageRoot.js';
import { miniatureWorld } from '../datasets/index.js';
import { type GridObjectiveId, gridObjectiveIds } from '../datasets/paper.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { parseWholeNumber } from './options/parseValues.js';
import { jsonOption } from './options/sharedOptions.js';

/** The rates that each objective is tried with. */
const candidates = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3];

const tuneOptions = optionTable({
  seed: { value: '<seed>', help: 'seed of the runs; selects the world too', parse: parseWholeNumber, default: 0 },
  out: {
    value: '<folder>',
    help: 'folder of the runs; an interrupted sweep continues there',
    default: path.join('results', 'tuning'),
  },
  ...jsonOption,
});

/** The command, for the table of commands. */
export const tuneCommand = () =>
  defineCommand({
    name: 'tune',
    description: 'choose the learning rates of the grid on the validation split and freeze them',
    options: tuneOptions,
    examples: ['npx apolab tune --seed 0'],
    run: tune,
  });

async function tune({ seed, out, json }: OptionsOf<typeof tuneOptions>): Promise<void> {
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const { printEvents, runGrid, runSettings } = await import('../ablation/index.js');
  const grids = new Map<number, Grid>();
  for (const rate of candidates) {
    const run = runSettings({
      preset: 'quick',
      seed,
      split: 'validation',
      out: path.resolve(packageRoot, out, `learning-rate-${rate}`),
      learningRates: Object.fromEntries(gridObjectiveIds.map((id) => [id, rate])),
    });
    // Progress goes to standard error: standard output is for the report.
    const onEvent = printEvents({ write: (text) => void process.stderr.write(text) });
    grids.set(rate, await runGrid(run, { onEvent }));
  }
  const table = Object.fromEntries(gridObjectiveIds.map((id) => [id, changes(grids, id)])) as Table;
  const learningRates = Object.fromEntries(gridObjectiveIds.map((id) => [id, best(table[id])]));
  const file = path.join(miniatureWorld.folder, 'tuning.json');
  const tuning = {
    chosenBy: `npx apolab tune --seed ${seed}: the greatest mean change on the validation split, averaged over the datasets`,
    learningRates,
    meanValidationChange: table,
  };
  await writeAtomic(file, `${JSON.stringify(tuning, null, 2)}\n`);
  if (json) console.log(JSON.stringify(tuning, null, 2));
  else console.log(`${formatTable(table)}\nFrozen in ${file}: ${JSON.stringify(learningRates)}`);
}

/** Mean change over checkpoints and datasets, in points, by objective and learning rate. */
type Table = Readonly<Record<GridObjectiveId, Readonly<Record<string, number>>>>;

function changes(grids: ReadonlyMap<number, Grid>, objective: GridObjectiveId): Record<string, number> {
  return Object.fromEntries(
    [...grids].map(([rate, { cells }]) => {
      const column = cells.filter((cell) => cell.objective === objective);
      const mean = column.reduce((sum, { meanChange }) => sum + meanChange, 0) / column.length;
      return [String(rate), Number(mean.toFixed(3))];
    }),
  );
}

function best(byRate: Readonly<Record<string, number>>): number {
  const [rate] = Object.entries(byRate).reduce((leader, entry) => (entry[1] > leader[1] ? entry : leader));
  return Number(rate);
}

function formatTable(table: Table): string {
  const rows = Object.entries(table).map(([objective, byRate]) =>
    [objective.padEnd(9), ...candidates.map((rate) => byRate[String(rate)]!.toFixed(1).padStart(8))].join(''),
  );
  return [['rate'.padEnd(9), ...candidates.map((rate) => String(rate).padStart(8))].join(''), ...rows].join('\n');
}
