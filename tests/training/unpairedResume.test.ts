/** Runs on unpaired examples that continue: from a checkpoint, after a loop was left, and with cached reference log-probabilities. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { addAdapter, fromPretrained } from '../../src/model/index.js';
import { readUnpaired, type UnpairedExample } from '../../src/preference.js';
import { train, type TrainOptions, type UnpairedStepMetrics } from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-unpaired-'));
afterAll(() => rm(folder, { recursive: true }));
const { examples } = await readUnpaired(path.join(goldenFolder, 'trajectory-unpaired.jsonl'));

type Options = TrainOptions<UnpairedStepMetrics>;

describe('checkpoints and the reference cache', () => {
  const options = { objective: 'bco', batchSize: 4, maxSteps: 11, learningRate: 1e-3, schedule: 'cosine' } as const;
  const go = async (rows: readonly UnpairedExample[], more: Partial<Options>, stopAt = Infinity, rank?: number) => {
    const base = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const trained = rank === undefined ? base : addAdapter(base, { rank, seed: 1 });
    const run = train(trained, rows, { ...options, ...more });
    for await (const { step } of run) if (step === stopAt) break;
    const weights = await Promise.all(Object.values(trained.trainable).map((tensor) => tensor.data()));
    return { run, history: run.history, weights: weights.map((values) => [...values]) };
  };

  test.each([[undefined], [2]])(
    'a resumed run equals an uninterrupted one to the last bit (adapter: %s)',
    async (rank) => {
      const whole = await go(examples, {}, Infinity, rank);
      const checkpoint = { folder: path.join(folder, `resumed-${rank}`), every: 3 };
      await go(examples, { checkpoint }, 7, rank);
      const resumed = await go(examples, { checkpoint, resume: true }, Infinity, rank);
      expect(resumed.history).toEqual(whole.history);
      expect(resumed.weights).toEqual(whole.weights);
    },
  );

  test('a run whose loop was left continues to the same numbers', async () => {
    const whole = await go(examples, { objective: 'kto' });
    const { run } = await go(examples, { objective: 'kto' }, 4);
    for await (const { step } of run) expect(step).toBeGreaterThan(4);
    expect(run.history).toEqual(whole.history);
  });

  test('a run with another label is another run', async () => {
    const checkpoint = { folder: path.join(folder, 'labels'), every: 2 };
    await go(examples, { checkpoint }, 5);
    const relabelled = examples.map((example, index) =>
      index === 3 ? { ...example, label: !example.label } : example,
    );
    await expect(go(relabelled, { checkpoint, resume: true })).rejects.toThrow(
      "what differs: the rows' tokens or labels (rows, tokenizer or chat template)",
    );
  });

  test('cached log-probabilities of the reference give the same run', async () => {
    const referenceCache = path.join(folder, 'references');
    const [first, second] = [await go(examples, { referenceCache }), await go(examples, { referenceCache })];
    expect([first, second].map(({ run }) => run.referenceSource?.kind)).toEqual(['computed', 'cached']);
    expect(second.history).toEqual(first.history);
  });
});
