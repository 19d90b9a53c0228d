import { builderCatalog } from '../../../builders/catalog.js';
import { html, type Html } from '../../../core/html.js';
import { columnStyle } from '../../../charts/columnStyle.js';
import type { Grid } from '../../grid.js';
import { heatTable } from '../heatTable.js';

/** The grid as a table with intervals, and the cells that failed. */
export function results(grid: Grid): Html {
  const intervals =
    grid.run.seeds === 1
      ? 'Intervals (95 %) resample the held-out prompts, the same for the base and every checkpoint, and choose the largest change again each time; they do not cover the variation between seeds.'
      : 'Values are means over the seeds; intervals (95 %) are t-intervals over the seeds.';
  return html`<section>
    <h2>The grid</h2>
    <p>
      Change of the score against the base in points: <b>max</b> / mean over the checkpoints. The max is biased upward,
      because it is chosen after the fact; the mean is the steadier number.
    </p>
    <div class="scroll">${heatTable(grid)}</div>
    <p class="note">${intervals}</p>
    ${failures(grid)}
  </section>`;
}

function failures({ run, failures: failed }: Grid): Html {
  if (failed.length === 0) return html``;
  return html`<h3>Cells that failed</h3>
    ${failed.map(
      ({ dataset, objective, seed, reason }) =>
        html`<p class="disagrees">
            ${builderCatalog[dataset].label} x ${columnStyle(run, objective).label}, seed ${seed}
          </p>
          <pre>${reason}</pre>`,
    )}`;
}
