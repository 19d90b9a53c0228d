import { ApolabError } from '../core/errors.js';
import { curveLayout, curveTraces, unitOf } from './curves.js';
import { figure, type Figure } from './figure.js';
import { usualSmoothing } from './smooth.js';
import { runColors } from './style.js';

/** The steps of a run: its history, or the run itself. */
export type RunLike = readonly object[] | { readonly history: readonly object[] };

/** Options of `compareRuns`. */
export interface CompareRunsOptions {
  /** The metric of a step that is drawn, by TRL's name; `loss` by default. */
  readonly metric?: string;
  /** From 0 (none) to below 1; 0.6 by default. */
  readonly smoothing?: number;
}

/**
 * One metric of several runs in one figure. Each run has a colour: its single steps are a faint line, the smoothed ones a thick
 * line. Pointing at a step shows the value of every run there. Steps without the metric (`eval_...`) are left out.
 *
 * @throws ApolabError if a run has no step with the metric, or `smoothing` is out of range.
 * @example
 * charts.compareRuns({ DPO: dpo, 'APO-zero': apoZero }, { metric: 'rewards/margins' })
 */
export function compareRuns(
  runs: Readonly<Record<string, RunLike>>,
  { metric = 'loss', smoothing = usualSmoothing }: CompareRunsOptions = {},
): Figure {
  const data = Object.entries(runs).flatMap(([name, run], index) => {
    const history = (isHistory(run) ? run : run.history) as readonly Readonly<Record<string, number | undefined>>[];
    const drawn = history
      .map((row, place) => ({ step: row.step ?? place + 1, value: row[metric] }))
      .filter((point): point is { readonly step: number; readonly value: number } => point.value !== undefined);
    if (drawn.length === 0) throw new ApolabError(whyNothing(name, metric, history));
    const curve = {
      name,
      color: runColors[index % runColors.length]!,
      steps: drawn.map(({ step }) => step),
      values: drawn.map(({ value }) => value),
    };
    return curveTraces(curve, { smoothing });
  });
  return figure(data, curveLayout(`${Object.keys(runs).join(', ')}: ${metric}`, unitOf(metric)));
}

const isHistory = (run: RunLike): run is readonly object[] => Array.isArray(run);

function whyNothing(name: string, metric: string, history: readonly object[]): string {
  const known = [...new Set(history.flatMap((row) => Object.keys(row)))];
  return known.length === 0
    ? `The run '${name}' has no steps yet: train it first, or leave it out.`
    : `No step of the run '${name}' has the metric '${metric}'. Its metrics: ${known.join(', ')}.`;
}
