/** The work of one cell: train from the base policy, score a checkpoint an epoch. */
import { fromPretrained } from '../../model/index.js';
import { readPairs } from '../../preference.js';
import { meanMetrics, train, whyNotTrainable, type StepMetrics } from '../../training/index.js';
import type { CellProgress, CellResult, CellSettings, Evaluation } from './cell.js';
import { evaluatePolicy } from '../../evaluation/evaluatePolicy.js';
import { maxChange, meanChange } from '../report/statistics.js';

/** Steps over which the learning rate rises to its full value. */
const warmupSteps = 10;

/** Short runs, short memory: the frozen learning rates were chosen with it. */
const optimizer = { name: 'adamw', beta2: 0.98 } as const;

/**
 * Trains `settings.objective` on the pairs and scores every checkpoint like the base.
 */
export async function trainCell(
  settings: CellSettings,
  base: Evaluation,
  onProgress: (progress: CellProgress) => void,
): Promise<CellResult> {
  const began = performance.now();
  const { dataset, objective, seed, epochs, batchSize, learningRate, beta } = settings;
  const policy = await fromPretrained(settings.policy);
  const { tokenizer, config } = policy;
  const { pairs } = await readPairs(settings.pairs, {
    check: (pair) => whyNotTrainable(tokenizer, config.maxPositions, pair),
  });
  const evaluations: Evaluation[] = [];
  const history: Record<string, number>[] = [];
  let epochSteps: StepMetrics[] = [];
  const options = { objective, seed, epochs, batchSize, learningRate, beta, warmupSteps, optimizer };
  for await (const step of train(policy, pairs, options)) {
    epochSteps.push(step);
    const progress = { step: step.step, steps: step.steps, epoch: Math.ceil(step.epoch), epochs };
    if (!Number.isInteger(step.epoch)) {
      onProgress(progress);
      continue;
    }
    const evaluation = await evaluatePolicy(policy, settings);
    evaluations.push(evaluation);
    history.push(meanMetrics(epochSteps));
    epochSteps = [];
    onProgress({ ...progress, score: evaluation.score });
  }
  policy.dispose();
  const scores = evaluations.map(({ score }) => score);
  return {
    dataset,
    objective,
    seed,
    scores,
    maxChange: maxChange(scores, base.score),
    meanChange: meanChange(scores, base.score),
    correct: evaluations.map(({ correct }) => correct),
    history,
    settings,
    seconds: (performance.now() - began) / 1000,
  };
}
