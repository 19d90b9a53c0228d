/** The grid as an HTML table with colours for gains and losses; it needs no style sheet. */
import { builderCatalog } from '../../builders/catalog.js';
import { html, type Html } from '../../core/html.js';
import { columnStyle } from '../../charts/columnStyle.js';
import type { Grid } from '../grid.js';
import { formatInterval, signed } from './numbers.js';
import { summarize, type SummaryCell } from './summary.js';

/** Each cell: max change over mean change, their 95 % intervals below; blue is a gain, orange a loss, by max change. */
export function heatTable(grid: Grid): Html {
  const rows = summarize(grid);
  const reach = Math.max(
    1,
    ...rows.flatMap(({ cells }) => cells.map((cell) => Math.abs(cell.changes?.max.value ?? 0))),
  );
  return html`<table class="heat">
    <thead>
      <tr>
        <th></th>
        ${grid.run.objectives.map((objective) => html`<th scope="col">${columnStyle(grid.run, objective).label}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ dataset, cells }) =>
          html`<tr>
            <th scope="row" style="text-align:left">${builderCatalog[dataset].label}</th>
            ${cells.map((cell) => heatCell(cell, reach))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function heatCell({ changes }: SummaryCell, reach: number): Html {
  if (changes === null) return html`<td style="text-align:center">failed</td>`;
  const small = 'font-size:75%;opacity:.75;white-space:nowrap';
  const reaches = (['max', 'mean'] as const).map((statistic) => {
    const { interval } = changes[statistic];
    return html`<div style="${small}">
      ${statistic} ${interval === null ? 'interval unknown' : formatInterval(interval)}
    </div>`;
  });
  return html`<td style="text-align:center;background:${tint(changes.max.value, reach)}">
    <b>${signed(changes.max.value)}</b> / ${signed(changes.mean.value)}${reaches}
  </td>`;
}

/** A transparent colour, so that text on it is readable in a light and in a dark theme. */
function tint(value: number, reach: number): string {
  const strength = ((0.6 * Math.abs(value)) / reach).toFixed(3);
  return value >= 0 ? `rgba(33, 102, 172, ${strength})` : `rgba(200, 96, 8, ${strength})`;
}
