/** The files of a finished run, beside the notebook that made them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import type { Grid } from '../grid.js';
import { showable } from '../report/gridDisplay.js';
import { formatReport } from '../report/report.js';
import { closeRun } from './runFolder.js';
import { formatCsv } from '../report/table.js';

/** Names of the files in a run's folder. */
export const runFiles = {
  grid: 'grid.json',
  csv: 'grid.csv',
  report: 'report.html',
  notebook: 'ablation-grid.ipynb',
} as const;

/**
 * Writes `grid.json`, `grid.csv` and `report.html` into the run's folder and marks the run as finished; a run with failed
 * cells stays open, so that the next one tries those again.
 *
 * @returns the files' paths
 * @example
 * const files = await ablation.saveGrid(grid);
 */
export async function saveGrid(grid: Grid): Promise<Record<'grid' | 'csv' | 'report', string>> {
  const files = {
    grid: path.join(grid.run.out, runFiles.grid),
    csv: path.join(grid.run.out, runFiles.csv),
    report: path.join(grid.run.out, runFiles.report),
  };
  await writeAtomic(files.grid, `${JSON.stringify(grid, null, 1)}\n`);
  await writeAtomic(files.csv, formatCsv(grid));
  await writeAtomic(files.report, formatReport(grid));
  if (grid.failures.length === 0) await closeRun(grid.run, grid.finishedAt);
  return files;
}

/**
 * Reads a saved grid.
 *
 * @example
 * const grid = ablation.readGrid('results/quick-seed0/grid.json');
 */
export function readGrid(file: string): Grid {
  try {
    return showable(JSON.parse(readFileSync(file, 'utf8')) as Grid);
  } catch (error) {
    throw new ApolabError(`${file} cannot be read as a grid (${String(error)}); it is written by npm run reproduce.`, {
      cause: error,
    });
  }
}
