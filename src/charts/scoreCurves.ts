import type { Data } from 'plotly.js';

import { builderCatalog } from '../builders/catalog.js';
import { columnStyle } from './columnStyle.js';
import { figure, type Figure } from './figure.js';
import { epochsOf, meanSeries, type GridLike } from './gridLike.js';
import { panelAxes, panelLayout } from './panels.js';

/**
 * The score of every checkpoint, in one panel per dataset with one line per objective. Epoch 0 is the base model. With several
 * seeds, the thick line is their mean and each seed is a thin line.
 *
 * @example
 * charts.scoreCurves(grid)
 */
export function scoreCurves(grid: GridLike): Figure {
  const { datasets, objectives } = grid.run;
  const data = datasets.flatMap((dataset, panel) =>
    objectives.flatMap((objective): Data[] => {
      const cells = grid.cells.filter((cell) => cell.dataset === dataset && cell.objective === objective);
      if (cells.length === 0) return [];
      const curves = cells.map(({ baseScore, scores }) => [baseScore, ...scores]);
      const label = columnStyle(grid.run, objective).label;
      const curve = (y: readonly (number | null)[]) => ({
        type: 'scatter' as const,
        x: y.map((_, epoch) => epoch),
        y: [...y],
        legendgroup: label,
        ...panelAxes(panel),
      });
      const color = columnStyle(grid.run, objective).color;
      return [
        ...(curves.length === 1 ? [] : curves).map((scores, index) => ({
          ...curve(scores),
          name: `${label}, seed ${cells[index]!.seed}`,
          mode: 'lines' as const,
          line: { color, width: 1 },
          opacity: 0.35,
          showlegend: false,
        })),
        {
          ...curve(meanSeries(curves)),
          name: label,
          mode: 'lines+markers' as const,
          line: { color, width: 2 },
          marker: { size: 5 },
          showlegend: panel === 0,
          hovertemplate: `${builderCatalog[dataset].label} x ${label}<br>epoch %{x}: %{y:.1f}<extra></extra>`,
        },
      ];
    }),
  );
  const titles = datasets.map((dataset) => builderCatalog[dataset].label);
  return figure(
    data,
    panelLayout('Score of each checkpoint', titles, { x: 'epoch', y: 'score (0 to 100)', epochs: epochsOf(grid) }),
  );
}
