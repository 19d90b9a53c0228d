/**
 * `apolab tune`: chooses the learning rates that the grid's presets use, and freezes them in
 * datasets/miniature-world/tuning.json.
 *
 * Every objective gets the same budget: the same rates on all four datasets. What counts is the mean change over the
 * checkpoints on the validation split, averaged over the datasets; the test split is never looked at.
 */
import path from 'node:path';
import { Command } from 'commander';
import type { Grid } from '../ablation/index.js';
import { miniatureWorld } from '../datasets/index.js';
import { writeAtomic } from '../core/atomicFile.js';
import { packageRoot } from '../core/packageRoot.js';
import { type GridObjectiveId, gridObjectiveIds } from '../datasets/paper.js';

/** The rates that each objective is tried with. */
const candidates = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3];

interface Options {
  readonly seed: string;
  readonly out: string;
  readonly json?: true;
}

export function tuneCommand(): Command {
  return new Command('tune')
    .description('choose the learning rates of the grid on the validation split and freeze them')
    .option('--seed <seed>', 'seed of the runs; chooses the world too', '0')
    .option(
      '--out <folder>',
      'where the runs are kept; an interrupted sweep goes on there',
      path.join('results', 'tuning'),
    )
    .option('--json', 'report as JSON')
    .addHelpText('after', '\nExample:\n  $ npx apolab tune --seed 0')
    .action(async ({ seed, out, json }: Options) => {
      // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
      const { printEvents, runGrid, runSettings } = await import('../ablation/index.js');

      const grids = new Map<number, Grid>();
      for (const rate of candidates) {
        const run = runSettings({
          preset: 'quick',
          seed: Number(seed),
          split: 'validation',
          out: path.resolve(packageRoot, out, `learning-rate-${rate}`),
          learningRates: Object.fromEntries(gridObjectiveIds.map((id) => [id, rate])),
        });
        // Progress goes to standard error: standard output is the report's.
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
    });
}

/** Mean change over checkpoints and datasets by learning rate, in points. */
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
