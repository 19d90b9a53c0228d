/** The table of trace types. A new type is one file with its function, one member of `TraceType` and one row here. */
import { barMarks } from './bars.js';
import { boxMarks } from './boxes.js';
import { errorBars } from './errorBars.js';
import type { Fields } from './fields.js';
import { heatMarks } from './heatCells.js';
import type { Mark } from './marks.js';
import { scatterMarks } from './scatter.js';
import type { TraceContext } from './traceContext.js';

/** The types that are drawn. plotly's `histogram` becomes `bar` before (panels.ts). */
export type TraceType = 'heatmap' | 'bar' | 'box' | 'scatter' | 'scattergl';

/** One row: how traces of a type are drawn. */
export interface TraceKind {
  /** The marks of a trace, in numbers of its axes. */
  readonly marks: (trace: Fields, context: TraceContext) => Mark[];
  /** Lower layers are drawn first, in any order of the traces, so that bars don't hide points and lines. */
  readonly layer: number;
  /** What the legend shows beside the trace's name; traces without a symbol are not in the legend. */
  readonly symbol: 'rectangle' | 'line' | undefined;
}

/** How each type is drawn. Leaving out a row does not compile. */
export const traceKinds: Readonly<Record<TraceType, TraceKind>> = {
  heatmap: { marks: heatMarks, layer: 0, symbol: undefined },
  bar: {
    marks: (trace, context) => [...barMarks(trace, context), ...errorBars(trace, context)],
    layer: 1,
    symbol: 'rectangle',
  },
  box: { marks: boxMarks, layer: 2, symbol: 'rectangle' },
  scatter: { marks: scatterMarks, layer: 3, symbol: 'line' },
  scattergl: { marks: scatterMarks, layer: 3, symbol: 'line' },
};

/** True if `type` is a row of the table. */
export const isDrawn = (type: string): type is TraceType => Object.hasOwn(traceKinds, type);
