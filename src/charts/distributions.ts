import type { Annotations, Data, LayoutAxis } from 'plotly.js';

import { figure, type Figure } from './figure.js';
import { panelAxes } from './panels.js';
import { axis, chosenColor, frame, marginColor } from './style.js';

/** One panel: bars of one width side by side, and where their mean is. */
export interface Distribution {
  readonly title: string;
  /** What the values are counted in. */
  readonly unit: string;
  readonly mean: number;
  readonly histogram: { readonly start: number; readonly width: number; readonly counts: readonly number[] };
}

/**
 * How values are distributed, a panel a measure: bars of counts, and a line at the mean.
 *
 * @example
 * charts.distributions([{ title: 'Jaccard', unit: 'share', mean: 0.6, histogram: { start: 0, width: 0.5, counts: [3, 5] } }])
 */
export function distributions(panels: readonly Distribution[], title = 'Distributions'): Figure {
  const gap = { x: 0.1, y: 0.26 };
  const across = Math.min(2, panels.length);
  const down = Math.ceil(panels.length / 2);
  const size = { x: (1 - gap.x * (across - 1)) / across, y: (1 - gap.y * (down - 1)) / down };
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const annotations: Partial<Annotations>[] = [];
  const data = panels.flatMap(({ title: name, unit, mean, histogram: { start, width, counts } }, panel): Data[] => {
    const left = (panel % 2) * (size.x + gap.x);
    const top = 1 - Math.floor(panel / 2) * (size.y + gap.y);
    const { xaxis, yaxis } = panelAxes(panel);
    const place = panel === 0 ? '' : String(panel + 1);
    axes[`xaxis${place}`] = { ...axis, domain: [left, left + size.x], anchor: yaxis as 'y', title: { text: unit } };
    axes[`yaxis${place}`] = { ...axis, domain: [top - size.y, top], anchor: xaxis as 'x' };
    if (panel % 2 === 0) axes[`yaxis${place}`]!.title = { text: 'pairs' };
    const text = `<b>${name}</b>  mean ${String(Number(mean.toPrecision(4)))}`;
    const shared = { showarrow: false, xref: 'paper', yref: 'paper', xanchor: 'left', yanchor: 'bottom' } as const;
    annotations.push({ ...shared, text, x: left, y: top });
    const x = counts.map((_, bar) => round(start + (bar + 0.5) * width));
    const highest = Math.max(...counts);
    return [
      {
        type: 'bar',
        name,
        x,
        y: [...counts],
        width: counts.map(() => width * 0.94),
        marker: { color: chosenColor },
        hovertemplate: `%{y} pairs around %{x}<extra></extra>`,
        showlegend: false,
        xaxis,
        yaxis,
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: `mean of ${name}`,
        x: [mean, mean],
        y: [0, highest],
        line: { color: marginColor, width: 2, dash: 'dash' },
        hoverinfo: 'skip',
        showlegend: false,
        xaxis,
        yaxis,
      },
    ];
  });
  return figure(
    data,
    frame(title, {
      ...axes,
      annotations,
      bargap: 0,
      height: 90 + 230 * down,
      margin: { l: 56, r: 16, t: 76, b: 56 },
    }),
  );
}

/** Without the digits that adding up widths leaves behind. */
const round = (value: number) => Number(value.toPrecision(10));
