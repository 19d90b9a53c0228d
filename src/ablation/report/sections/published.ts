import { builderCatalog } from '../../../builders/catalog.js';
import { html, type Html } from '../../../core/html.js';
import type { Published } from '../../../datasets/index.js';
import { columnStyle } from '../../../charts/columnStyle.js';
import type { Grid } from '../../grid.js';

/** The paper's table with its published numbers, in the shape of this run's. A number without a source is left out. */
export function published(grid: Grid, paper: Published): Html {
  const { datasets, objectives } = grid.run;
  const number = (value: number | null) => (value === null ? '' : signedHundredths(value));
  const cell = (dataset: string, objective: string) => {
    const known = paper.cells.find((entry) => entry.dataset === dataset && entry.objective === objective);
    if (known === undefined) return html`<td></td>`;
    return html`<td title="${known.source}">
      <b>${number(known.maxChange)}</b>${known.meanChange === null ? '' : ` / ${number(known.meanChange)}`}
    </td>`;
  };
  return html`<section>
    <h2>Beside the paper</h2>
    <p>
      ${paper.paper.citation}, ${paper.benchmark}. Only numbers with a source are shown; an empty cell is an unknown
      number, not a zero.
    </p>
    <div class="scroll">
      <table class="numbers">
        <caption>
          Published max / mean change
        </caption>
        <thead>
          <tr>
            <th></th>
            ${objectives.map((objective) => html`<th scope="col">${columnStyle(grid.run, objective).label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${datasets.map(
            (dataset) =>
              html`<tr>
                <th scope="row">${builderCatalog[dataset].label}</th>
                ${objectives.map((objective) => cell(dataset, objective))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <ul>
      ${paper.cells.map(
        ({ dataset, objective, source }) =>
          html`<li>${builderCatalog[dataset].label} x ${columnStyle(grid.run, objective).label}: ${source}.</li>`,
      )}
      ${paper.unplaced.map(({ label, maxChange, meanChange, source }) => {
        const mean = meanChange === null ? '' : `, mean ${number(meanChange)}`;
        return html`<li>${label}: max ${number(maxChange)}${mean} (${source}).</li>`;
      })}
    </ul>
    <p>
      The sizes of these numbers cannot be compared with this run's: the paper trains an 8B model and scores it on open
      questions, this run trains a small model in a world with checkable answers. Signs and orders can be compared; the
      next section does so.
    </p>
  </section>`;
}

/** Published numbers have two decimals. */
function signedHundredths(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
}
