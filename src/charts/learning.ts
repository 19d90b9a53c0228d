import type { Data, LayoutAxis } from 'plotly.js';

import { curveTraces } from './curves.js';
import { figure, type Figure } from './figure.js';
import { panelAxes, panelAxisFields, panelDomains, panelTitle } from './panels.js';
import type { RewardMetrics } from './rewards.js';
import { usualSmoothing } from './smooth.js';
import { axis, chosenColor, frame, marginColor, rejectedColor, runColors } from './style.js';
import type { LossMetrics } from './loss.js';

/** The metrics of a step that are drawn. */
export type LearningMetrics = LossMetrics & RewardMetrics;

/** Options of `learning`. */
export interface LearningOptions {
  /** From 0 (none) to below 1; 0.6 by default. */
  readonly smoothing?: number;
  /** Steps of the whole run: the axis goes there from the start. By default to the last step. */
  readonly steps?: number;
  /** Most points of a line, for a figure that is drawn again and again; all by default. */
  readonly points?: number;
}

interface Line {
  readonly metric: keyof RewardMetrics | 'loss';
  readonly name: string;
  readonly color: string;
}

const panels: readonly { readonly title: string; readonly unit: string; readonly lines: readonly Line[] }[] = [
  { title: 'Loss', unit: '', lines: [{ metric: 'loss', name: 'loss', color: runColors[2]! }] },
  {
    title: 'Rewards',
    unit: 'nats',
    lines: [
      { metric: 'rewards/chosen', name: 'chosen', color: chosenColor },
      { metric: 'rewards/rejected', name: 'rejected', color: rejectedColor },
      { metric: 'rewards/margins', name: 'margin', color: marginColor },
    ],
  },
];

/**
 * A run as it learns: its loss, and beside it the rewards of chosen and rejected responses with their margin. `watch` draws it
 * during a run.
 *
 * @throws ApolabError if `smoothing` is out of range.
 * @example
 * charts.learning(run.history)
 */
export function learning(history: readonly LearningMetrics[], options: LearningOptions = {}): Figure {
  const { smoothing = usualSmoothing, points } = options;
  const steps = history.map(({ step }, index) => step ?? index + 1);
  const data = panels.flatMap(({ lines }, panel) =>
    lines.flatMap(({ metric, name, color }): Data[] => {
      const values = history.map((row) => row[metric] ?? NaN);
      return curveTraces({ name, color, steps, values }, { smoothing, points, axes: panelAxes(panel) });
    }),
  );
  const domains = panelDomains(panels.length, { x: 0.1, y: 0 });
  const axes = panels.flatMap(({ unit }, panel): [string, Partial<LayoutAxis>][] => {
    const { x, y } = panelAxisFields(panel);
    const { xaxis, yaxis } = panelAxes(panel);
    const range = options.steps === undefined ? {} : { range: [1, Math.max(2, options.steps)] };
    return [
      [x, { ...axis, domain: domains[panel]!.x, anchor: yaxis as 'y', title: { text: 'step' }, ...range }],
      [y, { ...axis, anchor: xaxis as 'x', title: { text: unit } }],
    ];
  });
  return figure(
    data,
    frame('', {
      ...Object.fromEntries(axes),
      annotations: panels.map(({ title }, panel) => panelTitle(`<b>${title}</b>`, domains[panel]!.x[0]!, 1)),
      hovermode: 'x unified',
      height: 300,
      legend: { orientation: 'h', y: -0.22, yanchor: 'top' },
      margin: { l: 56, r: 16, t: 32, b: 64 },
    }),
  );
}
