/** How all figures look: light or dark. */
import type { Layout, LayoutAxis } from 'plotly.js';

export const chosenColor = '#0072b2';
export const rejectedColor = '#d55e00';
export const marginColor = '#8c8c8c';

/** From loss to gain, with no colour at zero. */
export const changeScale: [number, string][] = [
  [0, '#b35806'],
  [0.25, '#f1a340'],
  [0.5, '#f7f7f7'],
  [0.75, '#67a9cf'],
  [1, '#2166ac'],
];

const ink = '#7d828a';
const line = 'rgba(125, 130, 138, 0.25)';

export const axis: Partial<LayoutAxis> = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };

/** The frame of a figure: transparent, so that it sits on a light page as on a dark one. */
export function frame(title: string, layout: Partial<Layout> = {}): Partial<Layout> {
  return {
    title: { text: title, x: 0, xanchor: 'left', xref: 'paper', font: { size: 16 } },
    font: { family: 'system-ui, sans-serif', size: 12, color: ink },
    paper_bgcolor: 'rgba(0, 0, 0, 0)',
    plot_bgcolor: 'rgba(0, 0, 0, 0)',
    margin: { l: 56, r: 16, t: 56, b: 48 },
    hovermode: 'closest',
    modebar: { bgcolor: 'rgba(0, 0, 0, 0)', color: line, activecolor: ink },
    ...layout,
  };
}
