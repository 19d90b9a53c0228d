import { builderCatalog } from '../builders/catalog.js';
import { columnStyle } from './columnStyle.js';
import { figure, type Figure } from './figure.js';
import { meanOver, type GridLike } from './gridLike.js';
import { axis, changeScale, frame } from './style.js';

/**
 * The paper's table as a heat map. The colour is the maximum change of the score over the checkpoints, in points, and the text
 * is `max / mean`. With several seeds, both are means over the seeds.
 *
 * @example
 * charts.gridHeatmap(grid)
 */
export function gridHeatmap(grid: GridLike): Figure {
  const { datasets, objectives } = grid.run;
  const cellsOf = (dataset: string, objective: string) =>
    grid.cells.filter((cell) => cell.dataset === dataset && cell.objective === objective);
  const values = (statistic: 'maxChange' | 'meanChange') =>
    datasets.map((dataset) =>
      objectives.map((objective) => meanOver(cellsOf(dataset, objective).map((cell) => cell[statistic]))),
    );
  const [max, mean] = [values('maxChange'), values('meanChange')];
  const reach = Math.max(1, ...max.flat().map((value) => Math.abs(value ?? 0)));
  const text = max.map((row, index) =>
    row.map((value, column) => `${formatChange(value)} / ${formatChange(mean[index]?.[column] ?? null)}`),
  );
  return figure(
    [
      {
        type: 'heatmap',
        name: 'max change',
        x: objectives.map((objective) => columnStyle(grid.run, objective).label),
        y: datasets.map((dataset) => builderCatalog[dataset].label),
        z: max,
        zmin: -reach,
        zmax: reach,
        colorscale: changeScale,
        text: text as never,
        texttemplate: '%{text}',
        hovertemplate: '%{y} x %{x}<br>max / mean change: %{text} points<extra></extra>',
        colorbar: { title: { text: 'max change<br>(points)' }, outlinewidth: 0 },
        xgap: 3,
        ygap: 3,
      },
    ],
    frame('Change of the score, max / mean over the checkpoints (points)', {
      xaxis: { ...axis, side: 'top', showgrid: false },
      yaxis: { ...axis, autorange: 'reversed', showgrid: false },
      height: 110 + 70 * datasets.length,
      margin: { l: 56, r: 16, t: 90, b: 16 },
    }),
  );
}

function formatChange(value: number | null): string {
  if (value === null) return 'none';
  const rounded = Number(value.toFixed(1)) + 0;
  return `${rounded > 0 ? '+' : ''}${rounded.toFixed(1)}`;
}
