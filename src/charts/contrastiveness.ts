import type { Data } from 'plotly.js';

import { type BuilderId, builderCatalog } from '../builders/catalog.js';
import { figure, type Figure } from './figure.js';
import { meanOver } from './gridLike.js';
import { axis, chosenColor, frame, marginColor } from './style.js';

/** The contrast of one set of pairs; a run with several seeds has several rows per dataset. */
export interface ContrastivenessRow {
  readonly dataset: BuilderId;
  /** Mean Jaccard similarity of the responses' token sets, 0 to 1. */
  readonly jaccard: number;
  /** Mean edit distance of the responses, in characters. */
  readonly levenshtein: number;
}

/**
 * How similar the two responses of a pair are: a bar per dataset, the mean over its rows. More shared tokens and fewer edits
 * make a set more contrastive.
 *
 * @example
 * charts.contrastiveness(grid.pairs)
 */
export function contrastiveness(rows: readonly ContrastivenessRow[]): Figure {
  const datasets = [...new Set(rows.map((row) => row.dataset))];
  const bars = (measure: 'jaccard' | 'levenshtein', axes: object, color: string): Data => ({
    type: 'bar',
    orientation: 'h',
    name: measure === 'jaccard' ? 'Jaccard similarity' : 'Levenshtein distance',
    y: datasets.map((dataset) => builderCatalog[dataset].label),
    x: datasets.map((dataset) => meanOver(rows.filter((row) => row.dataset === dataset).map((row) => row[measure]))),
    texttemplate: measure === 'jaccard' ? '%{x:.2f}' : '%{x:.1f}',
    marker: { color },
    showlegend: false,
    ...axes,
  });
  return figure(
    [bars('jaccard', {}, chosenColor), bars('levenshtein', { xaxis: 'x2', yaxis: 'y2' }, marginColor)],
    frame('How contrastive the pairs are', {
      xaxis: { ...axis, domain: [0, 0.46], title: { text: 'shared tokens (Jaccard; higher: more contrastive)' } },
      xaxis2: {
        ...axis,
        domain: [0.54, 1],
        anchor: 'y2',
        title: { text: 'edits in characters (Levenshtein; lower: more contrastive)' },
      },
      yaxis: { ...axis, autorange: 'reversed' },
      yaxis2: { ...axis, autorange: 'reversed', anchor: 'x2', showticklabels: false },
      height: 120 + 44 * datasets.length,
      margin: { l: 120, r: 16, t: 56, b: 56 },
    }),
  );
}
