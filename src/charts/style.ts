/** The common style of all figures. Colours of objectives are in their catalog. */
import type { Layout, LayoutAxis } from 'plotly.js';

/** The colour of chosen responses. */
export const chosenColor = '#0072b2';
/** The colour of rejected responses. */
export const rejectedColor = '#d55e00';
/** The colour of margins. */
export const marginColor = '#8c8c8c';

/** Colours of runs, in their order: Okabe and Ito's, which people with colour-blindness can tell apart. */
export const runColors: readonly string[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#8c8c8c',
];

/** Colour scale of changes: orange for a loss, white at zero, blue for a gain. */
export const changeScale: [number, string][] = [
  [0, '#b35806'],
  [0.25, '#f1a340'],
  [0.5, '#f7f7f7'],
  [0.75, '#67a9cf'],
  [1, '#2166ac'],
];

/** The common style of axes; their colours are the page's (`withPageColors`). */
export const axis: Partial<LayoutAxis> = { automargin: true };

/** A layout with a title and the common style; fields of `layout` replace those of the style. */
export function frame(title: string, layout: Partial<Layout> = {}): Partial<Layout> {
  return {
    title: { text: title, x: 0, xanchor: 'left', xref: 'paper', font: { size: 16 } },
    font: { family: 'system-ui, sans-serif', size: 12 },
    margin: { l: 56, r: 16, t: 56, b: 48 },
    hovermode: 'closest',
    ...layout,
  };
}
