/** The steps of a training run (`run.history`): a short table with curves, not hundreds of rows. The library draws it. */
import { showHistory, type ShownStep } from '../../src/training/showHistory.js';
import type { Renderer } from './renderer.js';

declare module './renderer.js' {
  interface RenderedTypes {
    history: readonly ShownStep[];
  }
}

const checkedSteps = 20;
/** What every step has: rewards depend on its batch, if examples are unpaired. */
const fields = ['step', 'steps', 'loss', 'grad_norm', 'learning_rate'] as const;

/** Steps with the metrics that training logs. */
export const historyRenderer: Renderer<readonly ShownStep[]> = {
  matches(value): value is readonly ShownStep[] {
    return Array.isArray(value) && value.length > 0 && value.slice(0, checkedSteps).every(isStep);
  },
  render: (history) => showHistory(history),
};

function isStep(value: unknown): value is ShownStep {
  if (typeof value !== 'object' || value === null) return false;
  const step = value as Readonly<Record<string, unknown>>;
  return fields.every((name) => typeof step[name] === 'number');
}
