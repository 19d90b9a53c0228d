import { ApolabError } from '../core/errors.js';
import type { StepMetrics } from './metrics.js';
import type { EarlyStopOptions } from './trainOptions.js';

/** Decides after each step whether the run should end. */
export interface EarlyStop {
  /** Takes in a step; true where the metric has not improved for `patience` values in a row. */
  observe(step: StepMetrics): boolean;
}

/**
 * Ends a run whose metric no longer improves. It remembers nothing but the steps that it was shown, so a resumed run shows
 * it the history and goes on.
 *
 * @example
 * const stop = createEarlyStop({ metric: 'eval_score', patience: 3, mode: 'max' });
 */
export function createEarlyStop(options: EarlyStopOptions | undefined): EarlyStop {
  let best: number | undefined;
  let without = 0;
  return {
    observe(step) {
      if (options === undefined) return false;
      const value = (step as unknown as Readonly<Record<string, number | undefined>>)[options.metric];
      if (value === undefined) {
        if (options.metric.startsWith('eval_')) return false;
        const known = Object.keys(step).join(', ');
        throw new ApolabError(`earlyStop.metric is '${options.metric}', which no step has. A step has: ${known}.`);
      }
      const better = best === undefined || (options.mode === 'min' ? value < best : value > best);
      if (better) best = value;
      without = better ? 0 : without + 1;
      return without >= options.patience;
    },
  };
}
