/** What a person wants to know of a training run: for its display, and for `progress`. */
import type { MimeBundle } from '../core/display.js';
import type { ProgressFacts } from '../core/followed.js';
import { countOf } from '../core/text.js';
import { shownMetrics, type UnpairedStepMetrics } from './metrics.js';
import { showHistory } from './showHistory.js';

/** The parts of a run that are shown. */
export interface ShownRun {
  readonly model: { readonly name: string };
  readonly settings: { readonly objective: string; readonly learningRate: number };
  readonly history: readonly UnpairedStepMetrics[];
  /** Steps of the whole run. */
  readonly steps: number;
  readonly findings: readonly unknown[];
}

/**
 * A run as a short table: objective, model, steps so far, and its metrics at the first and the last step with their curves.
 *
 * @example
 * const run = training.train(policy, pairs, { objective: 'dpo' });
 * run // Training of policy with dpo: 0 of ...
 */
export function showRun({ model, settings, history, steps, findings }: ShownRun): MimeBundle {
  const title = `Training of ${model.name} with ${settings.objective}: ${history.length} of ${countOf(steps, 'step')}`;
  const next = 'It takes its steps in a loop: for await (const step of run) console.log(step.loss);';
  const found = `Before the first step: ${countOf(findings.length, 'finding')}: run.findings`;
  return showHistory(history, title, [
    ...(history.length === 0 ? [next] : []),
    ...(findings.length === 0 ? [] : [found]),
  ]);
}

/** What `progress` shows of a run. */
export function progressFacts({ history, steps }: Pick<ShownRun, 'history' | 'steps'>): ProgressFacts {
  return { done: history.length, total: steps, unit: 'steps', metrics: shownMetrics(history.at(-1) ?? {}) };
}
