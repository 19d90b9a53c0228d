/** Curves over the steps of a run: the smoothed line, and the single steps as a faint line under it. */
import type { Data, Layout } from 'plotly.js';

import { smooth } from './smooth.js';
import { axis, frame } from './style.js';

/** One curve. */
export interface Curve {
  readonly name: string;
  readonly color: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** How a curve is drawn. */
export interface CurveOptions {
  /** From 0, none, to below 1. */
  readonly smoothing: number;
  /** Most points of a line; all by default. The points that are left out are in the smoothed ones. */
  readonly points?: number | undefined;
  /** The axes, in a figure of several panels. */
  readonly axes?: { readonly xaxis: string; readonly yaxis: string };
}

/** A curve as traces: the faint line of the single steps if there is smoothing, and the line that is named in the legend. */
export function curveTraces({ name, color, steps, values }: Curve, options: CurveOptions): Data[] {
  const { smoothing, points = Infinity, axes = {} } = options;
  const smoothed = smooth(values, smoothing);
  const kept = evenly(values.length, points);
  const pick = <T>(all: readonly T[]) => kept.map((index) => all[index]!);
  const shared = { type: 'scatter' as const, x: pick(steps), legendgroup: name, connectgaps: true, ...axes };
  // A single point has no line.
  const mode = values.length === 1 ? ('markers' as const) : ('lines' as const);
  const isSmoothed = smoothing > 0;
  return [
    ...(isSmoothed
      ? [
          {
            ...shared,
            mode,
            name: `${name}, each step`,
            y: pick(values),
            line: { color, width: 1 },
            opacity: 0.3,
            showlegend: false,
            hoverinfo: 'skip' as const,
          },
        ]
      : []),
    {
      ...shared,
      mode,
      name,
      y: pick(smoothed),
      line: { color, width: 2 },
      ...(isSmoothed
        ? { customdata: pick(values), hovertemplate: '%{y:.4f}, this step %{customdata:.4f}' }
        : { hovertemplate: '%{y:.4f}' }),
    },
  ];
}

/** The layout of one panel of curves. Pointing at a step shows all curves there. */
export function curveLayout(title: string, unit: string): Partial<Layout> {
  return frame(title, {
    xaxis: { ...axis, title: { text: 'step' } },
    yaxis: { ...axis, title: { text: unit } },
    hovermode: 'x unified',
    height: 360,
  });
}

/** The unit of a metric's axis. */
export const unitOf = (metric: string): string => units[metric] ?? metric;

const units: Readonly<Record<string, string>> = {
  loss: 'loss',
  'rewards/chosen': 'reward of chosen (nats)',
  'rewards/rejected': 'reward of rejected (nats)',
  'rewards/margins': 'margin (nats)',
  'rewards/accuracies': 'share of pairs with a positive margin',
  'logps/chosen': 'log-probability of chosen (nats)',
  'logps/rejected': 'log-probability of rejected (nats)',
  kl: 'KL(policy || reference) (nats)',
  grad_norm: 'norm of the gradient',
  learning_rate: 'learning rate',
};

/** At most `most` indices below `count`, evenly spread, the last one among them. */
function evenly(count: number, most: number): number[] {
  const stride = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / stride) }, (_, index) => count - 1 - index * stride).reverse();
}
