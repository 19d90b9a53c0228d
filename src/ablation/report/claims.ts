/**
 * The paper's claims, held against this run: each is a set of comparisons between two cells that share everything else.
 *
 * Cells are compared within a seed, on the same prompts and from the same base, because seeds differ more from each other
 * than cells do. A comparison is decided only where its 95 % interval leaves out zero.
 */
import type { ObjectiveId } from '../../objectives/index.js';
import type { Grid } from '../grid.js';
import { acrossSeeds, changeDifference, type Changes, type Estimate } from './statistics.js';
import { cellsOf } from './summary.js';
import type { DatasetId } from '../../datasets/paper.js';
import { builderCatalog } from '../../builders/catalog.js';
import { catalog } from '../../objectives/catalog.js';

export type Verdict = 'agrees' | 'disagrees' | 'undecided';

export interface Comparison {
  readonly row: string;
  readonly column: string;
  /** The claimed better cell's change minus the other's, in points; `null` where a cell is missing. */
  readonly difference: Changes<Estimate> | null;
  /** By the mean change, the steadier number. */
  readonly verdict: Verdict | null;
}

export interface Claim {
  readonly statement: string;
  readonly source: string;
  /** What the table's numbers are. */
  readonly reading: string;
  readonly comparisons: readonly Comparison[];
}

interface CellName {
  readonly dataset: DatasetId;
  readonly objective: ObjectiveId;
}

/** The objectives that the paper's abstract calls less controllable, and the imitation of the winners beside them. */
const lessControllable = ['dpo', 'kto', 'sft'] as const satisfies readonly ObjectiveId[];

/**
 * The claims that this grid's rows and columns can speak to.
 *
 * @example
 * ablation.compareWithPaper(grid)[0].comparisons.filter(({ verdict }) => verdict === 'disagrees')
 */
export function compareWithPaper(grid: Grid): Claim[] {
  const { datasets, objectives } = grid.run;
  const others = datasets.filter((dataset) => dataset !== 'clair');
  const rivals = lessControllable.filter((objective) => objectives.includes(objective));
  const compare = (better: CellName, other: CellName, names: { row: string; column: string }) => {
    const difference = cellDifference(grid, better, other);
    return { ...names, difference, verdict: difference === null ? null : verdictOf(difference.mean) };
  };
  const claims: Claim[] = [
    {
      statement: 'CLAIR is the strongest of the preference datasets.',
      source: 'abstract',
      reading: 'CLAIR minus the dataset of the row',
      comparisons: others.flatMap((dataset) =>
        objectives.map((objective) =>
          compare(
            { dataset: 'clair', objective },
            { dataset, objective },
            { row: builderCatalog[dataset].label, column: catalog[objective].label },
          ),
        ),
      ),
    },
    {
      statement: 'APO does better than less controllable objectives.',
      source: 'abstract; APO-zero stands for APO here',
      reading: 'APO-zero minus the objective of the column',
      comparisons: datasets.flatMap((dataset) =>
        rivals.map((objective) =>
          compare(
            { dataset, objective: 'apo_zero' },
            { dataset, objective },
            { row: builderCatalog[dataset].label, column: catalog[objective].label },
          ),
        ),
      ),
    },
  ];
  return claims.filter(({ comparisons }) => comparisons.some(({ difference }) => difference !== null));
}

/** `better - other` within each seed that has both: with one seed over the prompts, with several over the seeds. */
function cellDifference(grid: Grid, better: CellName, other: CellName): Changes<Estimate> | null {
  const others = cellsOf(grid, other.dataset, other.objective);
  const differences = cellsOf(grid, better.dataset, better.objective).flatMap((cell) => {
    const partner = others.find(({ seed }) => seed === cell.seed);
    return partner === undefined ? [] : [changeDifference(cell.correct, partner.correct, cell.seed)];
  });
  const [first] = differences;
  if (first === undefined) return null;
  if (differences.length === 1) return first;
  return {
    max: acrossSeeds(differences.map(({ max }) => max.value)),
    mean: acrossSeeds(differences.map(({ mean }) => mean.value)),
  };
}

function verdictOf({ interval }: Estimate): Verdict {
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return 'undecided';
  return interval.low > 0 ? 'agrees' : 'disagrees';
}
