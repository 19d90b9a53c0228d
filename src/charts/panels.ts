/** Small multiples: one panel a dataset, two in a row, with common axes' titles. */
import type { Annotations, Layout, LayoutAxis } from 'plotly.js';

import { axis, frame } from './style.js';

const perRow = 2;
const panelHeight = 260;

/** The names of a panel's axes in a trace. */
export function panelAxes(panel: number): { xaxis: string; yaxis: string } {
  const number = panel === 0 ? '' : String(panel + 1);
  return { xaxis: `x${number}`, yaxis: `y${number}` };
}

/** The layout of `titles.length` panels. */
export function panelLayout(
  title: string,
  titles: readonly string[],
  axes: { readonly x: string; readonly y: string; readonly epochs: number },
): Partial<Layout> {
  const columns = Math.min(perRow, titles.length);
  const rows = Math.ceil(titles.length / columns);
  const gap = { x: 0.1, y: 0.16 };
  const size = { x: (1 - gap.x * (columns - 1)) / columns, y: (1 - gap.y * (rows - 1)) / rows };
  const layout: Record<string, Partial<LayoutAxis>> = {};
  const annotations: Partial<Annotations>[] = [];
  titles.forEach((text, panel) => {
    const left = (panel % columns) * (size.x + gap.x);
    const top = 1 - Math.floor(panel / columns) * (size.y + gap.y);
    const { xaxis, yaxis } = panelAxes(panel);
    const place = panel === 0 ? '' : String(panel + 1);
    layout[`xaxis${place}`] = {
      ...axis,
      domain: [left, left + size.x],
      anchor: yaxis as LayoutAxis['anchor'],
      title: { text: axes.x },
      // Whole epochs only, ten labels at most.
      dtick: Math.ceil(axes.epochs / 10),
    };
    layout[`yaxis${place}`] = {
      ...axis,
      domain: [top - size.y, top],
      anchor: xaxis as LayoutAxis['anchor'],
      // One scale for all panels, so that heights can be compared.
      ...(panel === 0 ? {} : { matches: 'y' as const }),
      title: { text: panel % columns === 0 ? axes.y : '' },
    };
    annotations.push({ text: `<b>${text}</b>`, showarrow: false, xref: 'paper', yref: 'paper', x: left, y: top });
    Object.assign(annotations.at(-1)!, { xanchor: 'left', yanchor: 'bottom' });
  });
  return frame(title, {
    ...layout,
    annotations,
    height: panelHeight * rows + 120,
    legend: { orientation: 'h', y: -0.12, yanchor: 'top' },
    margin: { l: 56, r: 16, t: 80, b: 80 },
  });
}
