/** Small multiples: one panel per dataset, two per row, with shared axis titles. */
import type { Layout, LayoutAxis } from 'plotly.js';

import { axis, frame } from './style.js';

const perRow = 2;
const panelHeight = 260;

/** The names of a panel's axes, as traces use them; panels count from 0. */
export function panelAxes(panel: number): { xaxis: string; yaxis: string } {
  const number = panel === 0 ? '' : String(panel + 1);
  return { xaxis: `x${number}`, yaxis: `y${number}` };
}

/** The layout's fields for a panel's axes. */
export function panelAxisFields(panel: number): { x: string; y: string } {
  const number = panel === 0 ? '' : String(panel + 1);
  return { x: `xaxis${number}`, y: `yaxis${number}` };
}

/** The domains of `count` panels, row by row from the top; `gap` is the share of the plot between two panels. */
export function panelDomains(count: number, gap: { readonly x: number; readonly y: number }) {
  const columns = Math.min(perRow, count);
  const rows = Math.ceil(count / columns);
  const size = { x: (1 - gap.x * (columns - 1)) / columns, y: (1 - gap.y * (rows - 1)) / rows };
  return Array.from({ length: count }, (_, panel) => {
    const column = panel % columns;
    const left = column * (size.x + gap.x);
    const top = 1 - Math.floor(panel / columns) * (size.y + gap.y);
    return { column, x: [left, left + size.x], y: [top - size.y, top] };
  });
}

/** The title of a panel, above its top left corner. */
export const panelTitle = (text: string, left: number, top: number) =>
  ({
    text,
    showarrow: false,
    xref: 'paper',
    yref: 'paper',
    x: left,
    y: top,
    xanchor: 'left',
    yanchor: 'bottom',
  }) as const;

/** The layout of one panel per title, with epochs on the x axes. The y axes have one scale, unless `ownScales` is true. */
export function panelLayout(
  title: string,
  titles: readonly string[],
  axes: { readonly x: string; readonly y: string; readonly epochs: number; readonly ownScales?: boolean },
): Partial<Layout> {
  const domains = panelDomains(titles.length, { x: 0.1, y: 0.16 });
  const layout: Record<string, Partial<LayoutAxis>> = {};
  domains.forEach(({ column, x, y }, panel) => {
    const { xaxis, yaxis } = panelAxes(panel);
    const fields = panelAxisFields(panel);
    layout[fields.x] = {
      ...axis,
      domain: x,
      anchor: yaxis as LayoutAxis['anchor'],
      title: { text: axes.x },
      // Whole epochs only, ten labels at most.
      dtick: Math.ceil(axes.epochs / 10),
    };
    layout[fields.y] = {
      ...axis,
      domain: y,
      anchor: xaxis as LayoutAxis['anchor'],
      // With one scale, heights can be compared between panels.
      ...(panel === 0 || axes.ownScales === true ? {} : { matches: 'y' as const }),
      title: { text: column === 0 ? axes.y : '' },
    };
  });
  return frame(title, {
    ...layout,
    annotations: domains.map(({ x, y }, panel) => panelTitle(`<b>${titles[panel]!}</b>`, x[0]!, y[1]!)),
    height: panelHeight * Math.ceil(titles.length / perRow) + 120,
    legend: { orientation: 'h', y: -0.12, yanchor: 'top' },
    margin: { l: 56, r: 16, t: 80, b: 80 },
  });
}
