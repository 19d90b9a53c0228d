import type { LossFieldOptions, ObjectiveChoice } from '../objectives/lossField.js';
import { figure, type Figure } from './figure.js';
import { axis, frame } from './style.js';

/** How loss surfaces and gradient fields describe the options: `beta 0.1, margin 1`. */
export function optionText(options: object): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** The axes of both figures: the log-ratio of the chosen response and that of the rejected one. */
export const logRatioAxes = {
  xaxis: { ...axis, title: { text: 'log-ratio of the chosen response (nats)' }, constrain: 'domain' as const },
  yaxis: { ...axis, title: { text: 'log-ratio of the rejected response (nats)' } },
};

/**
 * The loss of one pair over the log-ratios of its responses, as a heat map with contour lines: of any objective, by id, function or
 * `objectives.define`. In the middle, policy and reference agree. Training moves a pair downhill; see `gradientField`.
 *
 * @throws ApolabError if the objective is wrong, or an option is out of range.
 * @example
 * await charts.lossSurface('dpo', { beta: 0.5 })
 */
export async function lossSurface(objective: ObjectiveChoice, options: LossFieldOptions = {}): Promise<Figure> {
  // Loaded here: it computes with TensorFlow.js, which other figures do not need.
  const { lossField } = await import('../objectives/lossField.js');
  const { label, logRatios, losses, options: used } = await lossField(objective, options);
  return figure(
    [
      {
        type: 'heatmap',
        name: `loss of ${label}`,
        x: [...logRatios],
        y: [...logRatios],
        z: losses.map((row) => [...row]),
        colorscale: 'Viridis',
        zsmooth: 'best',
        colorbar: { title: { text: 'loss' }, outlinewidth: 0 },
        hovertemplate: 'chosen %{x:.1f}, rejected %{y:.1f}<br>loss %{z:.4f}<extra></extra>',
      },
      {
        type: 'contour',
        name: 'equal loss',
        x: [...logRatios],
        y: [...logRatios],
        z: losses.map((row) => [...row]),
        contours: { coloring: 'none' },
        line: { width: 1, color: 'rgba(255, 255, 255, 0.6)' },
        hoverinfo: 'skip',
        showlegend: false,
      },
    ],
    frame(`Loss of ${label} (${optionText(used)})`, { ...logRatioAxes, height: 460 }),
  );
}
