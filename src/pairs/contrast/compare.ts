/** Compares sets of pairs in one table, as in the paper's contrastiveness table. */
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import type { PreferencePair } from '../pair.js';
import { describe, type DescribeOptions, type SetSummary } from './describe.js';
import { formatMeasure, type MeasureId } from './measures.js';
import { escapeHtml } from '../../core/html.js';
import { pairStyle } from './pairStyle.js';
import { alignedText } from '../../core/text.js';
import { intervalText } from './tableText.js';
import { builderLabel } from '../../builders/catalog.js';

/** One row per set. As the last value of a notebook cell it shows the table, with the best values in bold. */
export interface SetComparison extends Displayable {
  readonly sets: Readonly<Record<string, SetSummary>>;
  /** The table as Markdown, for a report. */
  readonly markdown: string;
}

type ComparedMeasure = Extract<MeasureId, 'jaccard' | 'levenshtein'>;

const columns = [
  { id: 'jaccard', head: 'Jaccard \u2191', best: Math.max },
  { id: 'levenshtein', head: 'Levenshtein \u2193', best: Math.min },
] as const satisfies readonly { id: ComparedMeasure; head: string; best: (...values: number[]) => number }[];

/**
 * Compares sets by mean Jaccard similarity (higher is more contrastive) and mean Levenshtein distance (lower is more
 * contrastive), with 95 % intervals. A set is given by its pairs, or by the summary that `contrastivenessOf` returns.
 *
 * Source: the contrastiveness table of D'Oosterlinck et al., arXiv 2408.06266.
 *
 * @throws ApolabError if a set has no pairs
 * @example
 * preference.compare({ clair: revised, judge_on_policy: judged })
 */
export function compare(
  sets: Readonly<Record<string, readonly PreferencePair[] | SetSummary>>,
  options: Pick<DescribeOptions, 'tokenize'> = {},
): SetComparison {
  const summaries = Object.fromEntries(
    Object.entries(sets).map(([name, set]) => [name, isSummary(set) ? set : describe(set, options)]),
  );
  const markdown = markdownOf(summaries);
  return {
    sets: summaries,
    markdown,
    [jupyterDisplay]: () => ({
      'text/html': htmlTable(summaries),
      'text/markdown': markdown,
      'text/plain': textTable(summaries),
    }),
  };
}

type Summaries = Readonly<Record<string, SetSummary>>;

const isSummary = (set: readonly PreferencePair[] | SetSummary): set is SetSummary => 'measures' in set;

/** The cells of each set; `strong` formats the best value of a column, `small` an interval. */
function rowsOf(
  summaries: Summaries,
  strong: (text: string) => string,
  small: (text: string) => string,
): { label: string; cells: string[] }[] {
  return Object.entries(summaries).map(([name, { pairs, measures }]) => ({
    label: builderLabel(name),
    cells: [
      pairs.toLocaleString('en-US'),
      ...columns.map(({ id, best }) => {
        const { mean, interval } = measures[id]!;
        const means = Object.values(summaries).map((each) => each.measures[id]!.mean);
        const value = formatMeasure(id, mean);
        const range = intervalText(interval, (end) => formatMeasure(id, end));
        const written = mean === best(...means) && means.length > 1 ? strong(value) : value;
        return range === '' ? written : `${written} ${small(`(${range})`)}`;
      }),
    ],
  }));
}

const heads = ['pairs', ...columns.map(({ head }) => head)];
const plain = (text: string) => text;

function textTable(summaries: Summaries): string {
  const rows = rowsOf(summaries, plain, plain).map(({ label, cells }) => [label, ...cells]);
  return alignedText([['', ...heads], ...rows], (column) => column > 0);
}

function markdownOf(summaries: Summaries): string {
  const escaped = (text: string) => text.replace(/[\\|*_`<[\]]/g, (character) => `\\${character}`);
  const rows = rowsOf(summaries, (text) => `**${text}**`, plain).map(
    ({ label, cells }) => `| ${[escaped(label), ...cells].join(' | ')} |`,
  );
  return [`| set | ${heads.join(' | ')} |`, `| --- |${' ---: |'.repeat(heads.length)}`, ...rows].join('\n');
}

function htmlTable(summaries: Summaries): string {
  const rows = rowsOf(
    summaries,
    (text) => `<b>${text}</b>`,
    (text) => `<small>${text}</small>`,
  ).map(({ label, cells }) => {
    const data = cells.map((cell) => `<td class="apolab-number">${cell}</td>`);
    return `<tr><th>${escapeHtml(label)}</th>${data.join('')}</tr>`;
  });
  const head = heads.map((text) => `<th class="apolab-number">${text}</th>`);
  return (
    `${pairStyle}<div class="apolab-pairs"><div class="apolab-box apolab-narrow"><table><thead><tr><th></th>${head.join('')}</tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table></div></div>`
  );
}
