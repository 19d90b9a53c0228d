/** A pair inside something else (a table's cell): the difference of its responses, alone. */
import type { PreferencePair } from '../pair.js';
import type { Folding } from './fold.js';
import { pairDiff } from './pairDiff.js';
import { diffHtml } from './pairHtml.js';
import { diffText } from './pairText.js';
import { pairStyle } from './pairStyle.js';

const page: Folding = { context: 90, change: 400, shown: 1_500, folded: 4_000 };
const terminal: Folding = { context: 60, change: 200, shown: 800, folded: 0 };

/**
 * The difference of a pair's responses as HTML and as text, folded like a row of `showPairs`.
 *
 * @example
 * pairCell({ prompt: '?', chosen: 'it is 4', rejected: 'it is 5' }).text; // 'it is [-5-]{+4+}'
 */
export function pairCell(pair: PreferencePair): { readonly html: string; readonly text: string } {
  const difference = pairDiff(pair);
  return {
    html: `<div class="apolab-pairs">${diffHtml(difference, page)}</div>`,
    text: diffText(difference, terminal),
  };
}

/** The style that the HTML of `pairCell` needs once on the page. */
export const pairCellStyle = pairStyle;
