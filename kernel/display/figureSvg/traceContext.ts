/** What the function of a trace type reads beside its trace. */
import type { Axis } from './axis.js';

/** The room of a bar or a box around its place, in numbers of the axis. */
export interface Slot {
  /** From the place to the middle of the bar. */
  readonly offset: number;
  readonly width: number;
  /** If bars are stacked: the sum of the earlier traces, by place and sign. Each trace adds its own values. */
  readonly pile: Map<string, number> | undefined;
}

/** The axes, colour and neighbours of a trace. */
export interface TraceContext {
  readonly x: Axis;
  readonly y: Axis;
  /** The trace's own colour, or the next one of the figure. */
  readonly color: string;
  /** The room of the trace's bars or boxes. */
  readonly slot: Slot;
  /** The places of the previous trace of the panel, to which `fill: 'tonexty'` fills. */
  readonly previous: { readonly x: readonly number[]; readonly y: readonly number[] } | undefined;
  /** Reports what the picture leaves out. */
  note(text: string): void;
}
