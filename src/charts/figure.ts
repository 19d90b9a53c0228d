/** A plotly figure that shows itself in a notebook: interactive where plotly renders, in words everywhere else. */
import type { Config, Data, Layout } from 'plotly.js';

import { jupyterDisplay, type Displayable } from '../core/display.js';

export type { Data, Layout } from 'plotly.js';

export interface Figure extends Displayable {
  readonly data: readonly Data[];
  readonly layout: Partial<Layout>;
  readonly config: Partial<Config>;
}

const config: Partial<Config> = { responsive: true, displaylogo: false };

/**
 * A figure from plotly.js traces and layout; as the last expression of a cell it is drawn.
 *
 * @example
 * charts.figure([{ type: 'scatter', y: [1, 4, 9] }], { title: { text: 'Squares' } })
 */
export function figure(data: readonly Data[], layout: Partial<Layout> = {}): Figure {
  const shown = { data, layout, config };
  return {
    ...shown,
    [jupyterDisplay]: () => ({ 'application/vnd.plotly.v1+json': shown, 'text/plain': describe(data, layout) }),
  };
}

/** plotly.js's own entry, for code that is used to it: `Plotly.newPlot(data, layout)` gives the figure. */
export const Plotly = { newPlot: figure };

const shownValues = 8;

/** `Squares: 1 trace` and a line a trace with its first values. */
function describe(data: readonly Data[], layout: Partial<Layout>): string {
  const title = layout.title?.text ?? 'Figure';
  const traces = data.map((trace, index) => {
    const { name = `trace ${index + 1}`, y = [] } = trace as { name?: string; y?: ArrayLike<unknown> };
    const values = Array.from(y).slice(0, shownValues).map(shortNumber).join(', ');
    return `  ${name}${values === '' ? '' : `: ${values}`}${y.length > shownValues ? ', ...' : ''}`;
  });
  return [`${title}: ${data.length} trace${data.length === 1 ? '' : 's'}`, ...traces].join('\n');
}

function shortNumber(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}
