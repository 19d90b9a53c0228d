/** Displays a pair: what changed from the rejected response to the chosen one, and why. */
import { jupyterDisplay, type Displayable } from '../../core/display.js';
import type { PreferencePair } from '../pair.js';
import { factsOf } from './pairFacts.js';
import type { Folding } from './fold.js';
import { diffHtml, earlierHtml, textHtml } from './pairHtml.js';
import { escapeHtml } from '../../core/html.js';
import { pairDiff } from './pairDiff.js';
import { pairStyle } from './pairStyle.js';
import { beginningOf, diffText, paragraphs } from './pairText.js';

const page: Folding = { context: 300, change: 1_500, shown: 12_000, folded: 20_000 };
const terminal: Folding = { context: 150, change: 600, shown: 5_000, folded: 0 };
const longest = { prompt: 1_000, rationale: 1_500, text: 600 };

/**
 * Displays a pair as the word-level difference of its responses, with the prompt above, the rationale beside, and measures,
 * scores and provenance below. As HTML, and as text in the form `[-deleted-]{+added+}`. Long texts are folded.
 *
 * @example
 * showPair(pairs[0])
 */
export function showPair(pair: PreferencePair): Displayable {
  const { prompt, rationale, conversation } = pair;
  return {
    [jupyterDisplay]: () => {
      const difference = pairDiff(pair);
      const facts = factsOf(pair);
      const parts = [
        part('rejected \u2192 chosen', diffHtml(difference, page)),
        ...(rationale === undefined ? [] : [part('rationale', textHtml(rationale, longest.rationale, page.folded))]),
      ];
      return {
        'text/html':
          `${pairStyle}<div class="apolab-pairs">` +
          part('prompt', earlierHtml(conversation, page.folded) + textHtml(prompt, longest.prompt, page.folded)) +
          `<div class="apolab-beside">${parts.join('')}</div>` +
          `<div class="apolab-note">${facts.map(escapeHtml).join('<br>')}</div></div>`,
        'text/plain': paragraphs([
          ['prompt', beginningOf(prompt, longest.text)],
          ['difference', diffText(difference, terminal)],
          ...(rationale === undefined ? [] : [['rationale', beginningOf(rationale, longest.text)] as const]),
          ['', facts.join('\n')],
        ]),
      };
    },
  };
}

function part(label: string, content: string): string {
  return `<div class="apolab-part"><div class="apolab-label">${label}</div>${content}</div>`;
}
