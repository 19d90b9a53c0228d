/** The files of a finished run, in its folder. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { ApolabError } from '../../core/errors.js';
import { writeAtomic } from '../../core/atomicFile.js';
import type { Grid } from '../grid.js';
import type { Displayable } from '../../core/display.js';
import { showable } from '../report/gridDisplay.js';
import { formatReport } from '../report/report.js';
import { formatCsv } from '../report/table.js';
import { closeRun } from './runFolder.js';
import { showableFiles } from './runLinks.js';

/** Names of the files in a run's folder. */
export const runFiles = {
  grid: 'grid.json',
  csv: 'grid.csv',
  report: 'report.html',
  notebook: 'ablation-grid.ipynb',
} as const;

/**
 * Writes `grid.json`, `grid.csv` and `report.html` into the run's folder and marks the run as finished. A run with failed
 * cells stays unfinished, so that the next one tries them again.
 *
 * @returns the files' paths; in a notebook they show themselves as links
 * @example
 * const files = await ablation.saveGrid(grid);
 */
export async function saveGrid(grid: Grid): Promise<Record<'grid' | 'csv' | 'report', string> & Displayable> {
  const files = {
    grid: path.join(grid.run.out, runFiles.grid),
    csv: path.join(grid.run.out, runFiles.csv),
    report: path.join(grid.run.out, runFiles.report),
  };
  await writeAtomic(files.grid, formatGrid(grid));
  await writeAtomic(files.csv, formatCsv(grid));
  await writeAtomic(files.report, formatReport(grid));
  if (grid.failures.length === 0) await closeRun(grid.run, grid.finishedAt);
  return showableFiles(files);
}

/** A grid as the text of `grid.json`: indented JSON with lists of numbers on one line each. */
export function formatGrid(grid: Grid): string {
  const json = JSON.stringify(grid, null, 1);
  // Text in JSON has no line feed, so only lists are matched.
  return `${json.replace(/\[\n[\s\d.,eE+-]*\]/g, (numbers) => numbers.replace(/\s+/g, ''))}\n`;
}

/**
 * Reads a saved grid.
 *
 * @throws ApolabError if the file is not a grid, or apolab 0.1.0 wrote it
 * @example
 * const grid = ablation.readGrid('results/quick-seed0/grid.json');
 */
export function readGrid(file: string): Grid {
  const grid = readJson(file) as Partial<Grid>;
  const seeds = grid.base?.seeds;
  if (seeds === undefined) throw new ApolabError(`${file} is not a grid; npm run reproduce writes one.`);
  if (seeds.every(({ itemScores }) => Array.isArray(itemScores))) return showable(grid as Grid);
  throw new ApolabError(
    `${file} was written by apolab 0.1.0, which stored answers as text; this version cannot read it. Run the grid again: npm run reproduce.`,
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ApolabError(`${file} cannot be read as a grid (${String(error)}); npm run reproduce writes one.`, {
      cause: error,
    });
  }
}
