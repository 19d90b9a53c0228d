/**
 * The paper's claims, compared with this run: each is a set of comparisons between two cells that differ in one thing only.
 *
 * Cells are compared within a seed, on the same prompts and from the same base, because seeds differ more from each other
 * than cells do. A comparison is decided only if its 95 % interval does not contain zero.
 */
import { builderCatalog } from '../../builders/catalog.js';
import type { Estimate } from '../../core/statistics.js';
import type { DatasetId } from '../../datasets/paper.js';
import { columnStyle } from '../../charts/columnStyle.js';
import type { ObjectiveId } from '../../objectives/catalog.js';
import { acrossSeeds, changeDifference, type Changes } from '../changes.js';
import type { Grid, GridCell } from '../grid.js';
import { cellsOf } from './summary.js';

/**
 * Whether this run agrees with a claim; `undecided` if the interval of the difference contains zero, `identical` if every
 * checkpoint of both cells has the same score on every prompt.
 */
export type Verdict = 'agrees' | 'disagrees' | 'undecided' | 'identical';

/** The verdicts in words, in the order in which they are counted. */
export const verdictTexts = {
  agrees: 'agree',
  disagrees: 'disagree',
  undecided: 'undecided',
  identical: 'identical here',
} as const satisfies Record<Verdict, string>;

/** One comparison of a claim: two cells. */
export interface Comparison {
  /** Labels of its row and column in the claim's table. */
  readonly row: string;
  readonly column: string;
  /** Change of the cell that the claim calls better, minus the other's, in points; `null` if a cell is missing. */
  readonly difference: Changes<Estimate> | null;
  /** From the mean change, the steadier number. */
  readonly verdict: Verdict | null;
}

/** A claim of the paper with all comparisons that this grid allows. */
export interface Claim {
  readonly statement: string;
  /** Its place in the paper. */
  readonly source: string;
  /** What the numbers of its table are. */
  readonly reading: string;
  readonly comparisons: readonly Comparison[];
}

interface CellName {
  readonly dataset: DatasetId;
  readonly objective: string;
}

/** The objectives that the paper's abstract calls less controllable, and SFT, which imitates the chosen responses. */
const lessControllable = ['dpo', 'kto', 'sft'] as const satisfies readonly ObjectiveId[];

/**
 * The claims for which this grid has cells.
 *
 * @example
 * ablation.compareWithPaper(grid)[0].comparisons.filter(({ verdict }) => verdict === 'disagrees')
 */
export function compareWithPaper(grid: Grid): Claim[] {
  const { datasets, objectives } = grid.run;
  const others = datasets.filter((dataset) => dataset !== 'clair');
  const rivals = lessControllable.filter((objective) => objectives.includes(objective));
  const compare = (better: CellName, other: CellName, names: { row: string; column: string }) => {
    const partners = partnersOf(grid, better, other);
    const difference = differenceOf(partners);
    return { ...names, difference, verdict: difference === null ? null : verdictOf(partners, difference.mean) };
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
            { row: builderCatalog[dataset].label, column: columnStyle(grid.run, objective).label },
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
            { row: builderCatalog[dataset].label, column: columnStyle(grid.run, objective).label },
          ),
        ),
      ),
    },
  ];
  return claims.filter(({ comparisons }) => comparisons.some(({ difference }) => difference !== null));
}

/** The two cells of each seed that has both. */
function partnersOf(grid: Grid, better: CellName, other: CellName): (readonly [GridCell, GridCell])[] {
  const others = cellsOf(grid, other.dataset, other.objective);
  return cellsOf(grid, better.dataset, better.objective).flatMap((cell) => {
    const partner = others.find(({ seed }) => seed === cell.seed);
    return partner === undefined ? [] : [[cell, partner] as const];
  });
}

/** `better - other` within each seed; the interval is over the prompts for one seed, over the seeds for several. */
function differenceOf(partners: readonly (readonly [GridCell, GridCell])[]): Changes<Estimate> | null {
  const differences = partners.map(([cell, partner]) =>
    changeDifference(cell.itemScores, partner.itemScores, cell.seed),
  );
  const [first] = differences;
  if (first === undefined) return null;
  if (differences.length === 1) return first;
  return {
    max: acrossSeeds(differences.map(({ max }) => max.value)),
    mean: acrossSeeds(differences.map(({ mean }) => mean.value)),
  };
}

function verdictOf(partners: readonly (readonly [GridCell, GridCell])[], { interval }: Estimate): Verdict {
  if (partners.every(([cell, partner]) => haveSameScores(cell, partner))) return 'identical';
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return 'undecided';
  return interval.low > 0 ? 'agrees' : 'disagrees';
}

/** Whether both cells answered every prompt equally well at every checkpoint. */
function haveSameScores(one: GridCell, other: GridCell): boolean {
  return one.itemScores.every((scores, epoch) => {
    const others = other.itemScores[epoch];
    return others?.length === scores.length && scores.every((score, prompt) => score === others[prompt]);
  });
}
