/** The paper's published numbers beside this run's: what is known first, and only what a source gives. */
import { builderCatalog } from '../../builders/catalog.js';
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import { html, type Html } from '../../core/html.js';
import type { Estimate } from '../../core/statistics.js';
import { alignedText, countOf } from '../../core/text.js';
import {
  gridDatasetIds,
  gridObjectiveIds,
  paper,
  type Published,
  type PublishedCell,
  type PublishedNumber,
} from '../../datasets/paper.js';
import { catalog } from '../../objectives/catalog.js';
import type { Changes } from '../changes.js';
import type { Grid } from '../grid.js';
import { signed } from './numbers.js';
import { summarize } from './summary.js';

/** A published number, and this run's for the same cell. */
export interface KnownNumber {
  /** Its cell as `CLAIR x APO-zero`, or the source's own name if no source says which cell it is. */
  readonly label: string;
  /** The paper's changes in points; `null` is unknown. */
  readonly published: Changes<number | null>;
  /** This run's changes in points; `null` if the run lacks the cell or no source says which cell it is. */
  readonly here: Changes<Estimate> | null;
  readonly source: string;
}

const labelOf = ({ dataset, objective }: PublishedCell) =>
  `${builderCatalog[dataset].label} x ${catalog[objective].label}`;

/**
 * Every number of the paper that a source gives, first those whose cell is known.
 *
 * @example
 * knownNumbers(grid)[0].published.max; // 7.65 (of CLAIR x APO-zero)
 */
export function knownNumbers(grid: Grid, published: Published = paper.published()): KnownNumber[] {
  const rows = summarize(grid);
  const here = ({ dataset, objective }: PublishedCell) =>
    rows.find((row) => row.dataset === dataset)?.cells.find((cell) => cell.objective === objective)?.changes ?? null;
  const known = (number: PublishedNumber | PublishedCell, label: string, own: Changes<Estimate> | null) => ({
    label,
    published: { max: number.maxChange, mean: number.meanChange },
    here: own,
    source: number.source,
  });
  return [
    ...published.cells.map((cell) => known(cell, labelOf(cell), here(cell))),
    ...published.unplaced.map((number) => known(number, number.label, null)),
  ];
}

/** What is known of the paper's table, in two or three sentences. */
export function whatIsKnown({ cells, unplaced, benchmark }: Published = paper.published()): string {
  const total = gridDatasetIds.length * gridObjectiveIds.length;
  const numbers = cells.map((cell) => {
    const { maxChange, meanChange } = cell;
    const parts = [
      ...(maxChange === null ? [] : [`a max change of ${hundredths(maxChange)}`]),
      ...(meanChange === null ? [] : [`a mean change of ${hundredths(meanChange)}`]),
    ];
    return `${labelOf(cell)} has ${parts.join(' and ')}`;
  });
  const unknown = total - cells.length;
  return [
    cells.length === 0
      ? `Of the paper's ${total} cells none is known here.`
      : `Known from the paper (${benchmark}): ${numbers.join('; ')}.`,
    ...(unlisted(unknown, total) ?? []),
    ...(unplaced.length === 0 ? [] : [`${countOf(unplaced.length, 'more number')} ${withoutCell(unplaced.length)}`]),
  ].join(' ');
}

const withoutCell = (count: number) => `${count === 1 ? 'is' : 'are'} published without a cell.`;

const unlisted = (unknown: number, total: number) =>
  unknown === 0 || unknown === total ? undefined : [`No source gives the other ${unknown} of the ${total} cells.`];

/**
 * The known numbers beside this run's, as a table for a notebook.
 *
 * @example
 * ablation.besidePaper(grid)
 */
export function besidePaper(grid: Grid): Displayable {
  return {
    [jupyterDisplay]: () => ({
      'text/html': html`<p>${whatIsKnown()}</p>
        ${knownTable(knownNumbers(grid))}
        <p>${howToCompare}</p>`.text,
      'text/plain': formatBesidePaper(grid),
    }),
  };
}

/** What may be compared, for people who look at the two columns. */
export const howToCompare =
  'Compare signs and orders, not sizes: the paper trains an 8B model and scores it on open questions, this run trains a small model in a world with checkable answers.';

const heads = ['Number', 'Paper', 'This run', 'Source'] as const;

/** The known numbers as an HTML table that needs no style sheet: `max / mean` of the paper and of this run. */
export function knownTable(numbers: readonly KnownNumber[]): Html {
  const left = 'text-align:left';
  return html`<table class="plain">
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col" style="${left}">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${numbers.map(
        (number) =>
          html`<tr>
            <th scope="row" style="${left}">${number.label}</th>
            <td style="white-space:nowrap">${publishedText(number)}</td>
            <td style="white-space:nowrap">${ownText(number)}</td>
            <td style="${left}">${number.source}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The same for a terminal, without the sources. */
export function formatBesidePaper(grid: Grid): string {
  const rows = knownNumbers(grid).map((number) => [number.label, publishedText(number), ownText(number)]);
  const table = alignedText([['max / mean', 'Paper', 'This run'], ...rows], (column) => column > 0, '   ');
  return `${whatIsKnown()}\n\n${table}\n\n${howToCompare}`;
}

/** `+7.65`, or `-5.00 / -6.94` if the mean is known. */
function publishedText({ published: { max, mean } }: KnownNumber): string {
  const text = max === null ? '?' : hundredths(max);
  return mean === null ? text : `${text} / ${hundredths(mean)}`;
}

/** `+15.6 / +12.5`, or nothing. */
function ownText({ here }: KnownNumber): string {
  return here === null ? '' : `${signed(here.max.value)} / ${signed(here.mean.value)}`;
}

/** Published numbers have two decimals. */
function hundredths(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
}
