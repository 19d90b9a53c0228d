import type { Data } from 'plotly.js';

import { figure, type Figure } from './figure.js';
import { axis, chosenColor, frame, marginColor, rejectedColor } from './style.js';

/** The metrics of a step that are drawn, by TRL's names; a step on unpaired examples may lack some. */
export type RewardMetrics = Readonly<
  Partial<Record<'rewards/chosen' | 'rewards/rejected' | 'rewards/margins', number>>
>;

/**
 * The implicit rewards `beta (log pi - log ref)` of chosen and rejected responses, and their margin, per step.
 *
 * @example
 * charts.rewards(history)
 */
export function rewards(history: readonly RewardMetrics[]): Figure {
  const line = (metric: keyof RewardMetrics, name: string, color: string): Data => ({
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: history.map((_, index) => index + 1),
    y: history.map((metrics) => metrics[metric] ?? null),
    connectgaps: true,
    line: { color, width: 2 },
    marker: { size: 5 },
  });
  return figure(
    [
      line('rewards/chosen', 'chosen', chosenColor),
      line('rewards/rejected', 'rejected', rejectedColor),
      line('rewards/margins', 'margin', marginColor),
    ],
    frame('Rewards', {
      xaxis: { ...axis, title: { text: 'step' } },
      yaxis: { ...axis, title: { text: 'reward (beta x log-ratio, nats)' } },
      height: 360,
    }),
  );
}
