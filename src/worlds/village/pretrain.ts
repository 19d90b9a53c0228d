/**
 * Pretraining: the policy learns the world from expert and novice by next-token prediction on their responses. It then answers
 * about half of the hard prompts right and repeats the demonstrators' myths, so that there is something left to align.
 */
import type { LanguageModel } from '../../model/index.js';
import { tf } from '../../tensor/index.js';
import {
  adamW,
  adamWDefaults,
  disposePrefixTreeBatch,
  tokenizeRow,
  learningRateAt,
  responseLogProbs,
  takeStep,
  prefixTreeBatch,
} from '../../training/index.js';
import { pretrainingExamples } from './splits.js';
import type { World } from './world.js';

/** The settings of pretraining. */
export interface PretrainOptions {
  readonly steps: number;
  /** New examples per step. */
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** The settings of the policies that the repository contains. */
export const pretrainDefaults: PretrainOptions = { steps: 2000, batchSize: 64, learningRate: 3e-3, seed: 0 };

/** What pretraining reports after each step. */
export interface PretrainMetrics {
  /** Counted from 1. */
  readonly step: number;
  readonly steps: number;
  /** In nats per response token, mean over the batch. */
  readonly loss: number;
  readonly learningRate: number;
}

const schedule = { schedule: 'cosine', warmupSteps: 100, minimumRatio: 0.05 } as const;

/**
 * Trains `model` in place on an endless stream of examples, with AdamW, 100 warm-up steps and a cosine schedule down to 5 % of the
 * learning rate. Yields after each step.
 *
 * @example
 * const policy = untrainedPolicy(0);
 * for await (const { step, loss } of pretrain(policy, createWorld(0), { steps: 20 })) console.log(step, loss);
 */
export async function* pretrain(
  model: LanguageModel,
  world: World,
  options: Partial<PretrainOptions> = {},
): AsyncGenerator<PretrainMetrics, void> {
  const { steps, batchSize, learningRate, seed } = { ...pretrainDefaults, ...options };
  const optimizer = adamW(model.parameters, { ...adamWDefaults, beta2: 0.98, weightDecay: 0.01, decayVectors: true });
  const examples = pretrainingExamples(world, seed);
  try {
    for (let step = 0; step < steps; step++) {
      const rows = Array.from({ length: batchSize }, () => {
        const { prompt, response } = examples.next().value;
        return tokenizeRow(model.tokenizer, { prompt }, [response]);
      });
      const trees = prefixTreeBatch(rows);
      const tokens = trees.responseTokens.reduce((sum, count) => sum + count, 0);
      const rate = learningRateAt(step, steps, { learningRate, ...schedule });
      const { loss } = await takeStep(model.parameters, optimizer, rate, 1, () =>
        tf.div(tf.neg(tf.sum(responseLogProbs(model.parameters, model.config, trees))), tokens),
      );
      disposePrefixTreeBatch(trees);
      yield { step: step + 1, steps, loss, learningRate: rate };
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    optimizer.dispose();
  }
}
