import { curveLayout, curveTraces, unitOf } from './curves.js';
import { figure, type Figure } from './figure.js';
import { usualSmoothing } from './smooth.js';
import { marginColor } from './style.js';

/** The metrics of a step that are drawn. */
export interface LossMetrics {
  /** Counted from 1; by default the position in the history. */
  readonly step?: number;
  readonly loss: number;
}

/**
 * The loss of every step as a faint line, and smoothed as a thick one.
 *
 * @param options `smoothing` from 0 (none) to below 1; 0.6 by default
 * @throws ApolabError if `smoothing` is out of range.
 * @example
 * charts.loss(run.history, { smoothing: 0.9 })
 */
export function loss(
  history: readonly LossMetrics[],
  { smoothing = usualSmoothing }: { readonly smoothing?: number } = {},
): Figure {
  const curve = {
    name: 'loss',
    color: marginColor,
    steps: history.map(({ step }, index) => step ?? index + 1),
    values: history.map((row) => row.loss),
  };
  return figure(curveTraces(curve, { smoothing }), curveLayout('Loss', unitOf('loss')));
}
