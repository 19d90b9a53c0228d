import type { Annotations, Data, LayoutAxis } from 'plotly.js';

import { figure, type Figure } from './figure.js';
import { panelAxes, panelAxisFields, panelDomains, panelTitle } from './panels.js';
import { axis, chosenColor, frame, marginColor } from './style.js';

/** One panel: a histogram and the mean of its values. */
export interface Distribution {
  readonly title: string;
  /** The unit of the values. */
  readonly unit: string;
  readonly mean: number;
  /** Bar i covers `start + i * width` to `start + (i + 1) * width`. */
  readonly histogram: { readonly start: number; readonly width: number; readonly counts: readonly number[] };
}

/**
 * Histograms in one panel per measure, each with a line at the mean.
 *
 * @example
 * charts.distributions([{ title: 'Jaccard', unit: 'share', mean: 0.6, histogram: { start: 0, width: 0.5, counts: [3, 5] } }])
 */
export function distributions(panels: readonly Distribution[], title = 'Distributions'): Figure {
  const domains = panelDomains(panels.length, { x: 0.1, y: 0.26 });
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const annotations: Partial<Annotations>[] = [];
  const data = panels.flatMap(({ title: name, unit, mean, histogram: { start, width, counts } }, panel): Data[] => {
    const domain = domains[panel]!;
    const { xaxis, yaxis } = panelAxes(panel);
    const fields = panelAxisFields(panel);
    axes[fields.x] = { ...axis, domain: domain.x, anchor: yaxis as 'y', title: { text: unit } };
    axes[fields.y] = { ...axis, domain: domain.y, anchor: xaxis as 'x' };
    if (domain.column === 0) axes[fields.y]!.title = { text: 'pairs' };
    const text = `<b>${name}</b>  mean ${String(Number(mean.toPrecision(4)))}`;
    annotations.push(panelTitle(text, domain.x[0]!, domain.y[1]!));
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
      height: 90 + 230 * Math.ceil(panels.length / 2),
      margin: { l: 56, r: 16, t: 76, b: 56 },
    }),
  );
}

/** Removes the rounding errors of adding widths. */
const round = (value: number) => Number(value.toPrecision(10));
