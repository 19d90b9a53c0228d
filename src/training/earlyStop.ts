/** Ending a run early if a metric stops improving. */
import { ApolabError } from '../core/errors.js';
import type { UnpairedStepMetrics } from './metrics.js';
import type { EarlyStopOptions } from './trainOptions.js';

/** Decides after each step whether a run ends. */
export interface EarlyStop {
  /**
   * Takes the metrics of a step; true if the metric has not improved for `patience` values in a row.
   *
   * @throws ApolabError if the metric is unknown; evaluation metrics are allowed to be missing.
   */
  observe(step: UnpairedStepMetrics): boolean;
}

/**
 * Creates an early stop; without options it never ends a run. Its state depends only on the observed steps, so a resumed run
 * restores it by observing its history.
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
