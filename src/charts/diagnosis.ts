import type { Data, LayoutAxis } from 'plotly.js';

import { figure, type Figure } from './figure.js';
import { panelAxes, panelAxisFields, panelTitle } from './panels.js';
import { axis, chosenColor, frame, marginColor, rejectedColor } from './style.js';

/** The metrics of a step that are drawn, by TRL's names. A metric that no step has is left out. */
export type DiagnosisMetrics = Readonly<
  Partial<Record<'step' | 'logps/chosen' | 'logps/rejected' | 'rewards/margins' | 'grad_norm', number>>
>;

interface Line {
  readonly metric: keyof DiagnosisMetrics;
  readonly name: string;
  readonly color: string;
}

const panels: readonly { readonly title: string; readonly unit: string; readonly lines: readonly Line[] }[] = [
  {
    title: 'Log-probabilities',
    unit: 'nats per response',
    lines: [
      { metric: 'logps/chosen', name: 'chosen', color: chosenColor },
      { metric: 'logps/rejected', name: 'rejected', color: rejectedColor },
    ],
  },
  {
    title: 'Margin',
    unit: 'reward (nats)',
    lines: [{ metric: 'rewards/margins', name: 'margin', color: marginColor }],
  },
  {
    title: 'Gradient',
    unit: 'norm before clipping',
    lines: [{ metric: 'grad_norm', name: 'gradient norm', color: '#009e73' }],
  },
];

/** Characters per line that fit in a narrow notebook, and pixels per line. */
const lineLength = 92;
const lineHeight = 17;

/**
 * A training run in three panels: the log-probabilities of chosen and of rejected responses, the margin of their rewards, and
 * the norm of the gradient on a logarithmic scale. Thin lines are single steps, thick lines the mean over about a twentieth of
 * the steps.
 *
 * @param words paragraphs above the picture. One with tags should fit on a line, because lines are broken without regard to them
 * @example
 * charts.diagnosis(history)
 */
export function diagnosis(history: readonly DiagnosisMetrics[], words: readonly string[] = []): Figure {
  const steps = history.map(({ step }, index) => step ?? index + 1);
  const reach = Math.ceil(history.length / 40);
  const data = panels.flatMap(({ lines }, panel) =>
    lines.flatMap(({ metric, name, color }): Data[] => {
      const values = history.map((row) => finite(row[metric]));
      if (values.every((value) => value === null)) return [];
      const drawn = {
        type: 'scatter' as const,
        mode: 'lines' as const,
        x: steps,
        legendgroup: name,
        ...panelAxes(panel),
      };
      return [
        {
          ...drawn,
          name: `${name}, each step`,
          y: values,
          line: { color, width: 1 },
          opacity: 0.35,
          showlegend: false,
        },
        { ...drawn, name, y: runningMean(values, reach), line: { color, width: 2 } },
      ];
    }),
  );
  const text = words.flatMap((paragraph) => wrap(paragraph, lineLength));
  const above = 56 + lineHeight * text.length;
  const width = 0.27;
  const leftOf = (panel: number) => (panel * (1 - width)) / (panels.length - 1);
  const axes = panels.flatMap(({ unit }, panel): [string, Partial<LayoutAxis>][] => {
    const domain = [leftOf(panel), leftOf(panel) + width];
    const fields = panelAxisFields(panel);
    const { xaxis, yaxis } = panelAxes(panel);
    return [
      [fields.x, { ...axis, domain, anchor: yaxis as 'y', title: { text: 'step' } }],
      [
        fields.y,
        { ...axis, anchor: xaxis as 'x', title: { text: unit }, ...(panel === 2 ? { type: 'log' as const } : {}) },
      ],
    ];
  });
  const titles = panels.map(({ title }, panel) => panelTitle(`<b>${title}</b>`, leftOf(panel), 1));
  const paragraphs = text.map((line, index) => ({
    ...panelTitle(line, 0, 1),
    yshift: 28 + lineHeight * (text.length - 1 - index),
  }));
  return figure(
    data,
    frame('Diagnosis', {
      ...Object.fromEntries(axes),
      annotations: [...titles, ...paragraphs],
      height: 300 + above,
      legend: { orientation: 'h', y: -0.28, yanchor: 'top' },
      margin: { l: 56, r: 16, t: above + 20, b: 80 },
    }),
  );
}

const finite = (value: number | undefined): number | null => (Number.isFinite(value) ? value! : null);

/** The mean of each value and up to `reach` neighbours on each side; missing values stay missing. */
function runningMean(values: readonly (number | null)[], reach: number): (number | null)[] {
  return values.map((value, place) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, place - reach), place + reach + 1).filter((one) => one !== null);
    return near.reduce((sum, one) => sum + one, 0) / near.length;
  });
}

/** Breaks text between words into lines of at most `length` characters. */
function wrap(text: string, length: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > length) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
