import type { Data } from 'plotly.js';
import type { LossFieldOptions, ObjectiveChoice } from '../objectives/lossField.js';
import { figure, type Figure } from './figure.js';
import { logRatioAxes, optionText } from './lossSurface.js';
import { chosenColor, frame, marginColor, rejectedColor } from './style.js';

/** Below this share of the longest arrow, a part of an arrow counts as 0. */
const still = 0.02;
/** What a step does to the two responses of a pair, by the signs of its parts: the legend's groups. */
const groups = [
  { name: 'chosen up, rejected down', chosen: 1, rejected: -1, color: chosenColor },
  { name: 'only chosen up', chosen: 1, rejected: 0, color: '#56b4e9' },
  { name: 'only rejected down', chosen: 0, rejected: -1, color: '#e69f00' },
  { name: 'both up', chosen: 1, rejected: 1, color: '#009e73' },
  { name: 'both down', chosen: -1, rejected: -1, color: rejectedColor },
  { name: 'chosen down, rejected up', chosen: -1, rejected: 1, color: '#cc79a7' },
  { name: 'only chosen down', chosen: -1, rejected: 0, color: '#7f3b08' },
  { name: 'only rejected up', chosen: 0, rejected: 1, color: '#542788' },
  { name: 'no gradient', chosen: 0, rejected: 0, color: marginColor },
] as const;

/** Angle of an arrow's head, in radians, and its length as a share of the arrow's. */
const head = { angle: 0.45, length: 0.35 };

/**
 * Which way an objective pushes a pair, as arrows: the negative gradient with respect to the log-probabilities of both responses, at
 * many combinations of log-ratios. Right is a more likely chosen response, up a more likely rejected one. The longest arrow reaches
 * to its neighbour; the others are in proportion.
 *
 * @throws ApolabError if the objective is wrong, or an option is out of range.
 * @example
 * await charts.gradientField('apo_down')
 */
export async function gradientField(objective: ObjectiveChoice, options: LossFieldOptions = {}): Promise<Figure> {
  // Loaded here: it computes with TensorFlow.js, which other figures do not need.
  const { lossField } = await import('../objectives/lossField.js');
  const field = await lossField(objective, { points: 15, ...options });
  const { label, logRatios, options: used } = field;
  const flat = logRatios.flatMap((y, row) =>
    logRatios.map((x, column) => ({
      x,
      y,
      dx: -field.chosenGradients[row]![column]!,
      dy: -field.rejectedGradients[row]![column]!,
    })),
  );
  const longest = Math.max(...flat.map(({ dx, dy }) => Math.hypot(dx, dy)));
  const spacing = logRatios[1]! - logRatios[0]!;
  const scale = longest === 0 ? 0 : (0.95 * spacing) / longest;
  const sign = (value: number) => (Math.abs(value) <= still * longest ? 0 : Math.sign(value));
  const data = groups.flatMap(({ name, chosen, rejected, color }): Data[] => {
    const arrows = flat.filter(({ dx, dy }) => sign(dx) === chosen && sign(dy) === rejected);
    if (arrows.length === 0) return [];
    const lines = arrows.map(({ x, y, dx, dy }) => arrow(x, y, scale * dx, scale * dy));
    return [
      {
        type: 'scatter',
        mode: name === 'no gradient' ? 'markers' : 'lines',
        name,
        x: lines.flatMap((line) => line.x),
        y: lines.flatMap((line) => line.y),
        line: { color, width: 1.5 },
        marker: { color, size: 3 },
        hoverinfo: 'skip',
      },
    ];
  });
  return figure(
    data,
    frame(`Where a step of ${label} moves a pair (${optionText(used)})`, {
      ...logRatioAxes,
      height: 520,
      legend: { orientation: 'h', y: -0.16, yanchor: 'top' },
      margin: { l: 56, r: 16, t: 56, b: 90 },
    }),
  );
}

/** A line with a head, and a gap behind it; a dot if it has no length. */
function arrow(x: number, y: number, dx: number, dy: number): { x: (number | null)[]; y: (number | null)[] } {
  const length = head.length * Math.hypot(dx, dy);
  const [tipX, tipY] = [x + dx, y + dy];
  const side = (angle: number) => {
    const direction = Math.atan2(dy, dx) + Math.PI + angle;
    return [tipX + length * Math.cos(direction), tipY + length * Math.sin(direction)] as const;
  };
  const [left, right] = [side(head.angle), side(-head.angle)];
  return { x: [x, tipX, left[0], tipX, right[0], null], y: [y, tipY, left[1], tipY, right[1], null] };
}
