/** The work of one cell: train from the base policy and score one checkpoint per epoch. */
import { fromPretrained } from '../../model/index.js';
import { readPairs } from '../../pairs/rows/readPairs.js';
import { meanMetrics, shownMetrics, train, whyNotTrainable, type StepMetrics } from '../../training/index.js';
import type { OwnObjective } from '../../objectives/ownObjective.js';
import { maxChange, meanChange } from '../changes.js';
import type { CellProgress, CellResult, CellSettings, PolicyScore } from './cell.js';
import { scorePolicy } from './scorePolicy.js';

/** Steps over which the learning rate rises to its full value. */
const warmupSteps = 10;

/** A short memory of squared gradients, for short runs; the frozen learning rates were chosen with it. */
const optimizer = { name: 'adamw', beta2: 0.98 } as const;

/** What a cell that is trained in the caller's process gets besides its settings. */
export interface CellHere {
  /** The own objective whose id is `settings.objective`. */
  readonly objective: OwnObjective;
  /** Stops the training. */
  readonly signal: AbortSignal;
}

/**
 * Trains `settings.objective` on the pairs and scores every checkpoint like the base.
 *
 * @param here the objective's function, if it is not in the catalog
 */
export async function trainCell(
  settings: CellSettings,
  base: PolicyScore,
  onProgress: (progress: CellProgress) => void,
  here?: CellHere,
): Promise<CellResult> {
  const began = performance.now();
  const { dataset, objective, seed, epochs, batchSize, learningRate, beta } = settings;
  const policy = await fromPretrained(settings.policy);
  const checkpoints: PolicyScore[] = [];
  const history: Record<string, number>[] = [];
  try {
    const { tokenizer, config } = policy;
    const { pairs } = await readPairs(settings.pairs, {
      check: (pair) => whyNotTrainable(tokenizer, config.maxPositions, pair),
    });
    let epochSteps: StepMetrics[] = [];
    const options = {
      objective: here?.objective ?? objective,
      seed,
      epochs,
      batchSize,
      learningRate,
      beta,
      warmupSteps,
      optimizer,
    };
    for await (const step of train(policy, pairs, options)) {
      here?.signal.throwIfAborted();
      epochSteps.push(step);
      const { step: done, steps } = step;
      const progress = { step: done, steps, epoch: Math.ceil(step.epoch), epochs, metrics: shownMetrics(step) };
      if (!Number.isInteger(step.epoch)) {
        onProgress(progress);
        continue;
      }
      const checkpoint = await scorePolicy(policy, settings);
      checkpoints.push(checkpoint);
      history.push(meanMetrics(epochSteps));
      epochSteps = [];
      onProgress({ ...progress, score: checkpoint.score });
    }
  } finally {
    policy.dispose();
  }
  const scores = checkpoints.map(({ score }) => score);
  return {
    dataset,
    objective,
    seed,
    scores,
    maxChange: maxChange(scores, base.score),
    meanChange: meanChange(scores, base.score),
    itemScores: checkpoints.map(({ itemScores }) => itemScores),
    history,
    settings,
    seconds: (performance.now() - began) / 1000,
  };
}
