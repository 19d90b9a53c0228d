/** Thirty steps with everything on, beside TRL's own trainers (tests/golden/trajectories.py made the numbers). */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromPretrained } from '../../src/model/index.js';
import type { ObjectiveOptions } from '../../src/objectives/index.js';
import { isObjectiveId } from '../../src/objectives/index.js';
import { readPairs } from '../../src/preference/index.js';
import { train, type Schedule, type StepMetrics } from '../../src/training/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

type GoldenStep = Partial<StepMetrics>;
const { settings, runs, models } = readGolden<{
  settings: {
    learning_rate: number;
    lr_scheduler_type: Schedule;
    warmup_steps: number;
    adam_beta1: number;
    adam_beta2: number;
    adam_epsilon: number;
    weight_decay: number;
    max_steps: number;
    max_length: number;
    gradient_accumulation_steps: number;
    batch: number;
  };
  runs: Record<string, { trainer: string; objectiveOptions: Partial<ObjectiveOptions>; max_grad_norm: number }>;
  models: Record<string, Record<string, GoldenStep[]>>;
}>('trajectories.json');
const { pairs } = await readPairs(path.join(goldenFolder, 'trajectory-pairs.jsonl'));

/**
 * Whether a step's metric can be compared. At an epoch's last step, whose last micro-batch is short, CPO's and ORPO's
 * trainers log the rewards of as many pairs of every micro-batch as the short one has (accelerate's `gather_for_metrics`).
 */
function isComparable(objective: string, metric: string, step: number): boolean {
  const gathers = ['CPOTrainer', 'ORPOTrainer'].includes(runs[objective]!.trainer);
  const stepsAnEpoch = Math.ceil(pairs.length / settings.batch / settings.gradient_accumulation_steps);
  if (metric === 'rewards/accuracies' && step < ties) return false;
  return !(gathers && metric.startsWith('rewards/') && (step + 1) % stepsAnEpoch === 0);
}

/** In the first two steps policy and reference are the same, so who has the greater reward is rounding. */
const ties = 2;

describe.each(Object.entries(models))('%s', (name, objectives) => {
  test.each(Object.keys(objectives).filter(isObjectiveId))(
    'thirty steps of %s are those of TRL within 1e-3: accumulation, clipping, weight decay, warm-up and cosine on',
    async (objective) => {
      const model = await fromPretrained(path.join(goldenFolder, name));
      const steps: StepMetrics[] = [];
      for await (const step of train(model, pairs, {
        objective,
        objectiveOptions: runs[objective]!.objectiveOptions,
        learningRate: settings.learning_rate,
        schedule: settings.lr_scheduler_type,
        warmupSteps: settings.warmup_steps,
        maxSteps: settings.max_steps,
        maxLength: settings.max_length,
        batchSize: settings.batch,
        gradientAccumulation: settings.gradient_accumulation_steps,
        maxGradientNorm: runs[objective]!.max_grad_norm,
        shuffle: false,
        optimizer: {
          beta1: settings.adam_beta1,
          beta2: settings.adam_beta2,
          epsilon: settings.adam_epsilon,
          weightDecay: settings.weight_decay,
        },
      })) {
        steps.push(step);
      }
      const expected = objectives[objective]!;
      expect(steps).toHaveLength(expected.length);
      for (const metric of Object.keys(expected[0]!) as (keyof StepMetrics)[]) {
        const compared = expected.flatMap((golden, index) =>
          isComparable(objective, metric, index) ? [[steps[index]![metric], golden[metric]!] as const] : [],
        );
        const size = Math.max(...compared.map(([, golden]) => Math.abs(golden)), 1e-6);
        const worst = Math.max(...compared.map(([found, golden]) => Math.abs(found - golden)));
        expect(worst / size, `largest error of ${metric}, of its size`).toBeLessThanOrEqual(1e-3);
      }
    },
  );
});
