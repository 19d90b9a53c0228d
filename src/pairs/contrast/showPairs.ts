/** Displays a set of pairs as a table: one row per pair, with the difference of its responses. */
import { countOf } from '../../core/text.js';
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import type { PreferencePair } from '../pair.js';
import type { PairContrastiveness } from './contrastiveness.js';
import { describe, shownDistributions } from './describe.js';
import { scoresText } from './pairFacts.js';
import type { Folding } from './fold.js';
import { histogramSvg } from './histogramPicture.js';
import { measureIfShort, sampleOf } from './measureIfShort.js';
import { formatMeasure, measures } from './measures.js';
import { diffHtml, earlierHtml, textHtml } from './pairHtml.js';
import { escapeHtml } from '../../core/html.js';
import { fittingRows, pagedTable, type PagedCell } from '../../core/pagedTable.js';
import { pairDiff } from './pairDiff.js';
import { pairStyle } from './pairStyle.js';
import { beginningOf, diffText, paragraphs } from './pairText.js';
import { builderLabel } from '../../builders/catalog.js';

/** What the heading of the table says. */
export interface ShowPairsOptions {
  /** How many pairs there are, if `pairs` holds only the first of them. */
  readonly total?: number;
  /** How many prompts or rows gave no pair. */
  readonly skipped?: number;
  /** The title of the table; by default the name of the builder. */
  readonly title?: string;
}

const shown = { page: 50, text: 10 };
const page: Folding = { context: 90, change: 400, shown: 1_500, folded: 4_000 };
const terminal: Folding = { context: 60, change: 200, shown: 800, folded: 0 };
const longest = { prompt: 160, rationale: 240, text: 200 };

/**
 * Displays pairs as a table: prompt, word-level difference, rationale, measures and scores, 50 pairs a page in a box that scrolls.
 * In the page they are sorted, filtered and paged through, without the kernel. Without scripts the first page is shown. Long texts
 * are folded. Of a very large set the first 2 MB of differences are saved, and the page loads the others from the kernel.
 *
 * @example
 * showPairs(pairs, { title: 'Revised answers' })
 */
export function showPairs(pairs: readonly PreferencePair[], options: ShowPairsOptions = {}): Displayable {
  return {
    [jupyterDisplay]: () => {
      const heading = headingOf(pairs, options);
      const total = Math.max(options.total ?? 0, pairs.length);
      return {
        'text/html': tableHtml(pairs, heading, total),
        'text/plain': tableText(pairs.slice(0, shown.text), heading, total),
      };
    },
  };
}

function headingOf(pairs: readonly PreferencePair[], { total, skipped = 0, title }: ShowPairsOptions): string {
  const builders = new Set(pairs.map(({ provenance }) => provenance?.builder));
  const [builder] = builders;
  const name = title ?? (builders.size === 1 && builder !== undefined ? builderLabel(builder) : undefined);
  return [
    `${name === undefined ? '' : `${name}: `}${countOf(Math.max(total ?? 0, pairs.length), 'pair')}`,
    ...(skipped === 0 ? [] : [`${countOf(skipped, 'prompt')} gave none`]),
  ].join('; ');
}

interface Column {
  readonly head: string;
  /** Its CSS class: numbers are aligned right, texts share the width. */
  readonly kind: 'number' | 'prompt' | 'difference' | 'rationale';
  /** A pair's cell. A column in which all cells are null is omitted. */
  readonly of: (pair: PreferencePair, measured: PairContrastiveness | undefined, index: number) => PagedCell;
}

const columns: readonly Column[] = [
  { head: '', kind: 'number', of: (_pair, _measured, index) => index },
  {
    head: 'prompt',
    kind: 'prompt',
    of: ({ prompt, conversation }) => [
      earlierHtml(conversation, page.folded) + textHtml(prompt, longest.prompt, page.folded),
    ],
  },
  {
    head: '<del>rejected</del> \u2192 <ins>chosen</ins>',
    kind: 'difference',
    of: (pair) => [diffHtml(pairDiff(pair), page)],
  },
  {
    head: 'rationale',
    kind: 'rationale',
    of: ({ rationale }) => (rationale === undefined ? null : [textHtml(rationale, longest.rationale, page.folded)]),
  },
  {
    head: 'Jaccard',
    kind: 'number',
    of: (_, measured) => (measured === undefined ? null : Number(measured.jaccard.toFixed(2))),
  },
  { head: 'Levenshtein', kind: 'number', of: (_, measured) => measured?.levenshtein ?? null },
  {
    head: 'scores',
    kind: 'number',
    of: ({ scores }) => (scores === undefined ? null : scoresText(scores)),
  },
];

function tableHtml(pairs: readonly PreferencePair[], heading: string, total: number): string {
  const rowOf = (index: number) => {
    const pair = pairs[index]!;
    const measured = measureIfShort(pair);
    return columns.map((column) => column.of(pair, measured, index));
  };
  const written = fittingRows(pairs.length, rowOf);
  const filled = columns.filter((_, column) => written.some((row) => row[column] !== null));
  const inFilled = (row: readonly PagedCell[]) => row.filter((_, column) => filled.includes(columns[column]!));
  const table = pagedTable({
    columns: filled,
    rows: written.map(inFilled),
    total,
    more: total > pairs.length ? undefined : (start) => fittingRows(pairs.length, rowOf, start).map(inFilled),
    page: shown.page,
    noun: 'pair',
    box: 'apolab-box apolab-wide',
  });
  return (
    `${pairStyle}<div class="apolab-pairs"><div class="apolab-heading"><b>${escapeHtml(heading)}</b></div>` +
    (pairs.length < 2 ? '' : distributionsHtml(pairs)) +
    (pairs.length === 0 ? '' : table) +
    '</div>'
  );
}

/** Four distributions; of a sample if all pairs would take too long. */
function distributionsHtml(pairs: readonly PreferencePair[]): string {
  const sampled = sampleOf(pairs);
  if (sampled.length < 2) return '';
  const { measures: summaries } = describe(sampled);
  const drawn = shownDistributions.flatMap((id) => {
    const summary = summaries[id];
    if (summary === undefined) return [];
    const facts = `mean ${formatMeasure(id, summary.mean)}`;
    return [
      `<div><div class="apolab-label">${measures[id].label}</div>${histogramSvg(summary.histogram)}` +
        `<div class="apolab-note">${facts}</div></div>`,
    ];
  });
  const note =
    sampled.length < pairs.length ? `<div class="apolab-note">of ${countOf(sampled.length, 'pair')}</div>` : '';
  return `<div class="apolab-distributions">${drawn.join('')}${note}</div>`;
}

function tableText(pairs: readonly PreferencePair[], heading: string, total: number): string {
  const blocks = pairs.map((pair, index) =>
    paragraphs([
      [String(index), beginningOf(pair.prompt, longest.text)],
      ['', diffText(pairDiff(pair), terminal)],
      ...(pair.rationale === undefined ? [] : [['', `(${beginningOf(pair.rationale, longest.text)})`] as const]),
    ]),
  );
  const rest = total - pairs.length;
  return [heading, ...blocks, ...(rest === 0 ? [] : [`... ${countOf(rest, 'more pair')}`])].join('\n\n');
}
