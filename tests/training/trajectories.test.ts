/** Thirty steps with all features on, against TRL's trainers; the numbers are from tests/golden/trajectories.py. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromPretrained } from '../../src/model/index.js';
import type { ObjectiveOptions } from '../../src/objectives/index.js';
import { isObjectiveId } from '../../src/objectives/index.js';
import { readPairs } from '../../src/preference.js';
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

/** In the first two steps policy and reference are equal, so rounding decides which reward is greater. */
const ties = 2;

describe.each(Object.entries(models))('%s', (name, objectives) => {
  test.each(Object.keys(objectives).filter(isObjectiveId))(
    'thirty steps of %s equal those of TRL within 1e-3, with accumulation, clipping, weight decay, warm-up and cosine',
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
        const from = metric === 'rewards/accuracies' ? ties : 0;
        const golden = expected.slice(from).map((step) => step[metric]!);
        // Relative to the value; near zero, relative to a tenth of the run's largest value.
        const least = 0.1 * Math.max(...golden.map(Math.abs), 1e-6);
        const errors = golden.map(
          (value, index) => Math.abs(steps[from + index]![metric] - value) / Math.max(Math.abs(value), least),
        );
        const worst = Math.max(...errors);
        expect(worst, `relative error of ${metric}, step ${from + 1 + errors.indexOf(worst)}`).toBeLessThanOrEqual(
          1e-3,
        );
      }
    },
  );
});
