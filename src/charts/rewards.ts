import type { Data } from 'plotly.js';

import { builderCatalog } from '../builders/catalog.js';
import { columnStyle } from './columnStyle.js';
import { figure, type Figure } from './figure.js';
import { epochsOf, meanSeries, type GridLike } from './gridLike.js';
import { panelAxes, panelLayout } from './panels.js';
import { axis, chosenColor, frame, marginColor, rejectedColor } from './style.js';

/** The metrics of a step that are drawn, by TRL's names; a step on unpaired examples may lack some. */
export type RewardMetrics = Readonly<
  Partial<Record<'rewards/chosen' | 'rewards/rejected' | 'rewards/margins', number>>
>;

/**
 * The implicit rewards `beta (log pi - log ref)` of chosen and rejected responses, and their margin, per step.
 *
 * @example
 * charts.rewards(history)
 */
export function rewards(history: readonly RewardMetrics[]): Figure {
  const line = (metric: keyof RewardMetrics, name: string, color: string): Data => ({
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: history.map((_, index) => index + 1),
    y: history.map((metrics) => metrics[metric] ?? null),
    connectgaps: true,
    line: { color, width: 2 },
    marker: { size: 5 },
  });
  return figure(
    [
      line('rewards/chosen', 'chosen', chosenColor),
      line('rewards/rejected', 'rejected', rejectedColor),
      line('rewards/margins', 'margin', marginColor),
    ],
    frame('Rewards', {
      xaxis: { ...axis, title: { text: 'step' } },
      yaxis: { ...axis, title: { text: 'reward (beta x log-ratio, nats)' } },
      height: 360,
    }),
  );
}

/**
 * The rewards of every cell per epoch, in one panel per dataset: solid lines for chosen, dotted for rejected responses. With
 * several seeds, the mean over the seeds.
 *
 * @example
 * charts.rewardCurves(grid)
 */
export function rewardCurves(grid: GridLike): Figure {
  const { datasets, objectives } = grid.run;
  const styles = [
    { metric: 'rewards/chosen', what: 'chosen', dash: 'solid' as const },
    { metric: 'rewards/rejected', what: 'rejected', dash: 'dot' as const },
  ];
  const data = datasets.flatMap((dataset, panel) =>
    objectives.flatMap((objective) => {
      const cells = grid.cells.filter((cell) => cell.dataset === dataset && cell.objective === objective);
      if (cells.length === 0) return [];
      return styles.map(({ metric, what, dash }): Data => {
        const y = meanSeries(cells.map(({ history }) => history.map((metrics) => metrics[metric] ?? NaN)));
        return {
          type: 'scatter',
          mode: 'lines',
          name: `${columnStyle(grid.run, objective).label}, ${what}`,
          x: y.map((_, epoch) => epoch + 1),
          y,
          line: { color: columnStyle(grid.run, objective).color, width: 2, dash },
          legendgroup: objective,
          showlegend: panel === 0,
          ...panelAxes(panel),
        };
      });
    }),
  );
  const titles = datasets.map((dataset) => builderCatalog[dataset].label);
  return figure(
    data,
    panelLayout('Rewards of chosen and rejected responses', titles, {
      x: 'epoch',
      y: 'reward (nats)',
      epochs: epochsOf(grid),
    }),
  );
}
