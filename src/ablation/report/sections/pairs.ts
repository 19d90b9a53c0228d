import { builderCatalog } from '../../../builders/catalog.js';
import { html, type Html } from '../../../core/html.js';
import type { Grid, PairsRecord } from '../../grid.js';

/** Skipped rows and prompts that are listed per dataset; `grid.json` has all. */
const shownSkipped = 50;

/** The pairs of each dataset and seed: source, counts, contrastiveness, and what was skipped with its reason. */
export function pairs(grid: Grid): Html {
  return html`<section>
    <h2>The pairs</h2>
    <div class="scroll">
      <table class="plain">
        <thead>
          <tr>
            <th>Dataset</th>
            <th>Seed</th>
            <th>Source</th>
            <th>Pairs</th>
            <th>Skipped</th>
            <th>Jaccard</th>
            <th>Levenshtein</th>
          </tr>
        </thead>
        <tbody>
          ${grid.pairs.map(
            (record) =>
              html`<tr>
                <th scope="row">${builderCatalog[record.dataset].label}</th>
                <td>${record.seed}</td>
                <td>${record.source}</td>
                <td>${record.count}</td>
                <td>${record.skipped.length}</td>
                <td>${record.jaccard.toFixed(2)}</td>
                <td>${record.levenshtein.toFixed(1)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <div id="contrastiveness"></div>
    ${grid.pairs.map(skippedDetails)}
  </section>`;
}

function skippedDetails({ dataset, seed, skipped }: PairsRecord): Html {
  if (skipped.length === 0) return html``;
  const row = ({ line, prompt, reason }: PairsRecord['skipped'][number]) =>
    html`<li>${line === undefined ? '' : `Line ${line}: `}${reason}${prompt === undefined ? '' : ` (${prompt})`}</li>`;
  const more = skipped.length - shownSkipped;
  return html`<details>
    <summary>${builderCatalog[dataset].label}, seed ${seed}: ${skipped.length} skipped</summary>
    <ul>
      ${skipped.slice(0, shownSkipped).map(row)}
    </ul>
    ${more > 0 ? html`<p class="note">${more} more are in grid.json.</p>` : ''}
  </details>`;
}
