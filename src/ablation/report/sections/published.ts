import { html, type Html } from '../../../core/html.js';
import type { Published } from '../../../datasets/index.js';
import type { Grid } from '../../grid.js';
import { howToCompare, knownNumbers, knownTable, whatIsKnown } from '../besidePaper.js';

/** The paper's published numbers beside this run's. A number without a source is left out. */
export function published(grid: Grid, paper: Published): Html {
  return html`<section>
    <h2>Beside the paper</h2>
    <p>${whatIsKnown(paper)}</p>
    <div class="scroll">${knownTable(knownNumbers(grid, paper))}</div>
    <p>
      Each number is the max / mean change in points; the published ones are of ${paper.paper.citation}. ${howToCompare}
    </p>
    <p>The next section compares this run with the paper's claims in words.</p>
  </section>`;
}
