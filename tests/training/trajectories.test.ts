/** Thirty steps with all features on, against TRL's trainers; the numbers are from tests/golden/trajectories.py. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromPretrained } from '../../src/model/index.js';
import type { ObjectiveOptions } from '../../src/objectives/index.js';
import { isObjectiveId } from '../../src/objectives/index.js';
import { readPairs, readUnpaired, type TrainingRow } from '../../src/preference.js';
import { TrainingRun, type Schedule, type StepMetrics, type UnpairedStepMetrics } from '../../src/training/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

type Steps = Partial<StepMetrics>[];
interface Trajectories {
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
  models: Record<string, Record<string, Steps>>;
}
const onPairs = readGolden<Trajectories & { unpaired: Trajectories }>('trajectories.json');
const onExamples = onPairs.unpaired;
const { pairs } = await readPairs(path.join(goldenFolder, 'trajectory-pairs.jsonl'));
const { examples } = await readUnpaired(path.join(goldenFolder, 'trajectory-unpaired.jsonl'));

/** The steps of a run of apolab with the options of a golden one. */
async function trained(
  name: string,
  objective: string,
  { settings, runs }: Trajectories,
  rows: readonly TrainingRow[],
) {
  const model = await fromPretrained(path.join(goldenFolder, name));
  const steps: Steps = [];
  const run = new TrainingRun<UnpairedStepMetrics>(model, rows, {
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
  });
  for await (const step of run) steps.push(step);
  return { steps, findings: run.findings };
}

/** In the first two steps policy and reference are equal, so rounding decides which reward is greater. */
const ties = 2;

function compare(steps: Steps, golden: Steps) {
  expect(steps).toHaveLength(golden.length);
  const metrics = new Set(golden.flatMap((step) => Object.keys(step) as (keyof StepMetrics)[]));
  for (const metric of metrics) {
    const places = golden.map((_, index) => index).filter((index) => golden[index]![metric] !== undefined);
    expect(steps.flatMap((step, index) => (step[metric] === undefined ? [] : [index]))).toEqual(places);
    const compared = places.filter((index) => metric !== 'rewards/accuracies' || index >= ties);
    // Relative to the value; near zero, relative to a tenth of the run's largest value.
    const least = 0.1 * Math.max(...compared.map((index) => Math.abs(golden[index]![metric]!)), 1e-6);
    const errors = compared.map((index) => {
      const value = golden[index]![metric]!;
      return Math.abs(steps[index]![metric]! - value) / Math.max(Math.abs(value), least);
    });
    const worst = Math.max(...errors);
    expect(worst, `relative error of ${metric}, step ${1 + compared[errors.indexOf(worst)]!}`).toBeLessThanOrEqual(
      metric === 'num_tokens' ? 0 : 1e-3,
    );
  }
}

describe.each(Object.entries(onPairs.models))('%s', (name, objectives) => {
  test.each(Object.keys(objectives).filter(isObjectiveId))(
    'thirty steps of %s equal those of TRL within 1e-3, with accumulation, clipping, weight decay, warm-up and cosine',
    async (objective) => {
      const { steps } = await trained(name, objective, onPairs, pairs);
      compare(steps, objectives[objective]!);
    },
  );
});

describe.each(Object.entries(onExamples.models))('%s, on unpaired examples', (name, objectives) => {
  test.each(Object.keys(objectives))(
    'thirty steps of %s equal those of KTOTrainer, on twice as many desirable as undesirable examples, some of them cut',
    async (objective) => {
      const { steps, findings } = await trained(name, objective, onExamples, examples);
      compare(steps, objectives[objective]!);
      // The data has what is difficult: a step with one label only, a row without room, and rows that are cut.
      expect(steps.filter((step) => step['rewards/rejected'] === undefined)).not.toEqual([]);
      expect(findings).toMatchObject([{ check: 'truncated_responses' }, { check: 'no_room', count: 1 }]);
      if (objective === 'kto') expect(Math.max(...steps.map(({ kl }) => kl!))).toBeGreaterThan(1);
    },
  );
});
