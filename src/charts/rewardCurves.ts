import type { Data } from 'plotly.js';

import { builderCatalog } from '../builders/catalog.js';
import { columnStyle, type ColumnStyle } from './columnStyle.js';
import { figure, type Figure } from './figure.js';
import { epochsOf, meanSeries, type GridLike } from './gridLike.js';
import { panelAxes, panelLayout } from './panels.js';

const kinds = [
  { metric: 'rewards/chosen', what: 'chosen', dash: 'solid' },
  { metric: 'rewards/rejected', what: 'rejected', dash: 'dot' },
] as const;

/** The curves of one objective in one panel, by the place of their kind. */
interface Curves {
  readonly objective: string;
  readonly style: ColumnStyle;
  readonly series: readonly (readonly (number | null)[])[];
}

/** Curves whose distance is everywhere below this share of the panel's range look like one line. */
const coincidence = 0.005;
const lineWidth = 2;

/**
 * The rewards of every cell per epoch, in one panel per dataset with a scale of its own: solid lines for chosen, dotted for
 * rejected responses. With several seeds, the mean over the seeds.
 *
 * Objectives whose curves coincide are named in the panel's title and drawn as stripes: each later line is thinner than the one
 * under it.
 *
 * @example
 * charts.rewardCurves(grid)
 */
export function rewardCurves(grid: GridLike): Figure {
  const { datasets, objectives } = grid.run;
  const panels = datasets.map((dataset) => {
    const curves = objectives.flatMap((objective): Curves[] => {
      const cells = grid.cells.filter((cell) => cell.dataset === dataset && cell.objective === objective);
      if (cells.length === 0) return [];
      const series = kinds.map(({ metric }) =>
        meanSeries(cells.map(({ history }) => history.map((metrics) => metrics[metric] ?? NaN))),
      );
      return [{ objective, style: columnStyle(grid.run, objective), series }];
    });
    return { dataset, groups: coincidingGroups(curves) };
  });
  const data = panels.flatMap(({ groups }, panel) =>
    groups.flatMap((group) => group.flatMap((curves, place) => traces(curves, group, place, panel))),
  );
  const titles = panels.map(({ dataset, groups }) => {
    const same = groups.filter(({ length }) => length > 1).map((group) => group.map(labelOf).join(' = '));
    return [
      builderCatalog[dataset].label,
      ...same.map((names) => `<span style="font-weight: normal">${names}</span>`),
    ].join('  ');
  });
  const axes = { x: 'epoch', y: 'reward (nats)', epochs: epochsOf(grid), ownScales: true };
  return figure(data, panelLayout('Rewards of chosen and rejected responses', titles, axes));
}

const labelOf = ({ style }: Curves) => style.label;

function traces({ objective, style, series }: Curves, group: readonly Curves[], place: number, panel: number): Data[] {
  const { label, color } = style;
  // The first line of a group lies under the others.
  const width = lineWidth * (group.length - place);
  const others = group.filter((other) => other.objective !== objective).map(labelOf);
  const note = others.length === 0 ? '' : `<br>the same as ${others.join(', ')}`;
  return kinds.map(({ what, dash }, kind): Data => {
    const y = series[kind]!;
    return {
      type: 'scatter',
      mode: 'lines',
      name: `${label}, ${what}`,
      x: y.map((_, epoch) => epoch + 1),
      y: [...y],
      line: { color, width, dash },
      legendgroup: objective,
      showlegend: panel === 0,
      hovertemplate: `${label}, ${what}<br>epoch %{x}: %{y:.3f}${note}<extra></extra>`,
      ...panelAxes(panel),
    };
  });
}

/** The curves of a panel in groups that look like one line. */
function coincidingGroups(all: readonly Curves[]): Curves[][] {
  const values = all.flatMap(({ series }) => series.flat()).filter((value) => value !== null);
  const range = Math.max(...values) - Math.min(...values);
  const coincide = (left: Curves, right: Curves) =>
    left.series.every((series, kind) =>
      series.every((value, epoch) => {
        const other = right.series[kind]![epoch] ?? null;
        return value !== null && other !== null && Math.abs(value - other) <= coincidence * range;
      }),
    );
  const groups: Curves[][] = [];
  for (const curves of all) {
    const group = groups.find(([first]) => coincide(first!, curves));
    if (group === undefined) groups.push([curves]);
    else group.push(curves);
  }
  return groups;
}
