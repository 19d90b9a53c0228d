/** A plotly figure with a display method: interactive if the front end has plotly, else text. */
import type { Config, Data, Layout } from 'plotly.js';

import { jupyterDisplay, type Displayable } from '../core/display.js';
import { countOf } from '../core/text.js';
import { withPageColors } from './pageColors.js';

export type { Data, Layout } from 'plotly.js';

/** Traces, layout and configuration, as plotly.js takes them. */
export interface Figure extends Displayable {
  readonly data: readonly Data[];
  readonly layout: Partial<Layout>;
  readonly config: Partial<Config>;
}

/** Not `responsive`: with it plotly gives the height up at the first resize, and JupyterLab resizes the width itself. */
const config: Partial<Config> = { displaylogo: false };

/**
 * A figure from plotly.js traces and layout. It is drawn if it is the last expression of a cell, in the page's colours unless the
 * layout has others.
 *
 * @example
 * charts.figure([{ type: 'scatter', y: [1, 4, 9] }], { title: { text: 'Squares' } })
 */
export function figure(data: readonly Data[], layout: Partial<Layout> = {}): Figure {
  const shown = { data, layout: withPageColors(layout), config };
  return {
    ...shown,
    [jupyterDisplay]: () => ({ 'application/vnd.plotly.v1+json': shown, 'text/plain': describe(data, layout) }),
  };
}

/** For code written for plotly.js: `Plotly.newPlot(data, layout)` returns the figure. */
export const Plotly = { newPlot: figure };

const shownValues = 8;

/** `Squares: 1 trace`, and per trace a line with its first values. */
function describe(data: readonly Data[], layout: Partial<Layout>): string {
  const title = layout.title?.text ?? 'Figure';
  const traces = data.map((trace, index) => {
    const { name = `trace ${index + 1}`, y = [] } = trace as { name?: string; y?: ArrayLike<unknown> };
    const values = Array.from(y).slice(0, shownValues).map(shortNumber).join(', ');
    return `  ${name}${values === '' ? '' : `: ${values}`}${y.length > shownValues ? ', ...' : ''}`;
  });
  return [`${title}: ${countOf(data.length, 'trace')}`, ...traces].join('\n');
}

function shortNumber(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}
