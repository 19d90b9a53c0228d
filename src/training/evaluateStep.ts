/** The caller's evaluation after a step. */
import { nextTurn } from '../core/nextTurn.js';
import type { LanguageModel } from '../model/index.js';
import type { EvaluationMetrics, UnpairedStepMetrics } from './metrics.js';
import type { EvaluateOptions } from './trainOptions.js';

/**
 * The numbers of the evaluation after `step`, with the prefix `eval_`; none if none is due, and undefined if `abandoned` settles
 * before the evaluation does.
 */
export async function evaluateStep<Metrics extends UnpairedStepMetrics>(
  options: EvaluateOptions<Metrics> | undefined,
  model: LanguageModel,
  step: Metrics,
  abandoned: Promise<undefined>,
): Promise<EvaluationMetrics | undefined> {
  if (options === undefined) return {};
  const { every = 'epoch', run } = options;
  const due = every === 'epoch' ? Number.isInteger(step.epoch) : step.step % every === 0;
  if (!due && step.step !== step.steps) return {};
  // The global setImmediate: in a notebook, the stop button breaks off the caller's code as it does any cell's.
  const evaluated = new Promise<Readonly<Record<string, number>>>((resolve, reject) =>
    setImmediate(() => {
      (async () => run(model, step))().then(resolve, reject);
    }),
  );
  const found = await Promise.race([evaluated, abandoned]);
  // The next step is not broken off.
  await nextTurn();
  if (found === undefined) return undefined;
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [`eval_${name}` as const, value]));
}
