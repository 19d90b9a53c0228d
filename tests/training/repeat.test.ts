/** Runs that can be repeated: copies of a model, the finding about a trained model, and own objectives in a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addAdapter, fromPretrained, type LanguageModel } from '../../src/model/index.js';
import { collect, readPairs } from '../../src/preference.js';
import { logSigmoid, tf, useBackend } from '../../src/tensor/index.js';
import { NotFiniteError, train, type LossFunction, type TrainOptions } from '../../src/training/index.js';
import { objectives } from '../../src/objectives/toolbox.js';
import { goldenFolder } from '../golden/read.js';

await useBackend();
const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
const options = { objective: 'dpo', batchSize: 4, epochs: 2, learningRate: 1e-3 } satisfies TrainOptions;
const valuesOf = (model: LanguageModel) => Object.values(model.parameters).map((tensor) => [...tensor.dataSync()]);

let model: LanguageModel;
beforeEach(async () => {
  model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
});
afterEach(() => {
  model.dispose();
  vi.restoreAllMocks();
});

describe('a copy of a model', () => {
  test('is trained without changing the model, so a second run equals the first', async () => {
    const before = valuesOf(model);
    const run = async () => {
      const copy = model.clone();
      const history = await collect(train(copy, pairs, options));
      const after = valuesOf(copy);
      copy.dispose();
      return { history, after };
    };
    const first = await run();
    expect(first.after).not.toEqual(before);
    expect(valuesOf(model)).toEqual(before);
    expect(await run()).toEqual(first);
  });

  test('is not changed by training the model, and answers after the model is disposed of', async () => {
    const other = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
    const copy = other.clone();
    await collect(train(other, pairs, options));
    other.dispose();
    expect(valuesOf(copy)).toEqual(valuesOf(model));
    expect(copy.tokenizer).toBe(other.tokenizer);
    expect(await copy.generate(['the'], { maxNewTokens: 3 })).toEqual(
      await model.generate(['the'], { maxNewTokens: 3 }),
    );
    copy.dispose();
  });

  test('has an adapter of its own', async () => {
    const adapted = addAdapter(model, { rank: 2 });
    const before = valuesOf(adapted);
    const copy = adapted.clone();
    expect(copy.adapter).toEqual(adapted.adapter);
    expect(Object.keys(copy.trainable)).toEqual(Object.keys(adapted.trainable));
    await collect(train(copy, pairs, options));
    expect(valuesOf(adapted)).toEqual(before);
    expect(valuesOf(copy)).not.toEqual(before);
    copy.dispose();
    expect(valuesOf(adapted)).toEqual(before);
    tf.dispose(Object.values(adapted.trainable));
  });

  test('frees all its tensors', () => {
    const before = tf.memory().numTensors;
    model.clone().dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a model that was trained before', () => {
  test('is a finding of the next run, shown once; a copy is not', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const run = async (one: LanguageModel) => {
      const training = train(one, pairs, { ...options, maxSteps: 3 });
      await collect(training);
      return training.findings;
    };
    expect(await run(model)).toEqual([]);
    const [finding] = await run(model);
    expect(finding).toMatchObject({ check: 'trained_before', steps: 3 });
    expect(finding!.message).toBe(
      'trained_before: the reference is the model as it is now, after 3 steps of training. ' +
        'To start from the same weights each time, train a copy: training.train(policy.clone(), ...).',
    );
    expect(await run(model)).toMatchObject([{ steps: 6 }]);
    expect(warn.mock.calls).toEqual([[finding!.message]]);
    const copy = model.clone();
    expect(await run(copy)).toEqual([]);
    copy.dispose();
  });
});

describe('a run with an own objective', () => {
  const ownDpo: LossFunction = ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
    tf.neg(logSigmoid(tf.mul(tf.sub(chosenLogRatios, rejectedLogRatios), beta)));
  const historyOf = async (more: Partial<TrainOptions>) => {
    const copy = model.clone();
    const run = train(copy, pairs, { ...options, ...more });
    const history = await collect(run).finally(() => copy.dispose());
    return { history, settings: run.settings };
  };

  test("takes DPO's steps if it is DPO's formula", async () => {
    const [own, builtIn] = [await historyOf({ objective: ownDpo }), await historyOf({ objective: 'dpo' })];
    const rows = ({ history }: typeof own) => history.map((step) => Object.entries<number>({ ...step }));
    for (const [index, row] of rows(builtIn).entries()) {
      for (const [place, [name, value]] of row.entries())
        expect(rows(own)[index]![place]![1], name).toBeCloseTo(value, 5);
    }
    expect(own.settings).toMatchObject({
      objective: 'ownDpo',
      objectiveDefinition: ownDpo.toString(),
      objectiveOptions: { beta: 0.1 },
    });
  });

  test('reads its own options and refuses others at once', async () => {
    const scaled = objectives.define({
      id: 'scaled',
      defaults: { factor: 1 },
      compute: (input, { beta, factor }) => tf.mul(ownDpo(input, { beta }) as tf.Tensor, factor),
    });
    const [once, twice] = [
      await historyOf({ objective: scaled }),
      await historyOf({ objective: scaled, objectiveOptions: { factor: 2 } }),
    ];
    expect(twice.history[0]!.loss).toBeCloseTo(2 * once.history[0]!.loss, 5);
    expect(() => train(model, pairs, { objective: scaled, objectiveOptions: { factr: 2 } })).toThrow(
      "did you mean 'factor'?",
    );
    expect(() => train(model, pairs, { objective: ownDpo, objectiveOptions: { gamma: 2 } })).toThrow(
      "'gamma' is not a known option of ownDpo",
    );
  });

  test('ends before the first step if it has no gradient, and says more if the loss is not finite', async () => {
    const flat: LossFunction = ({ referenceChosen }) => tf.neg(referenceChosen);
    await expect(historyOf({ objective: flat })).rejects.toThrow('flat has no gradient');
    const root: LossFunction = ({ chosenLogRatios }) => tf.sqrt(tf.sub(chosenLogRatios, 1));
    const failed = historyOf({ objective: root });
    await expect(failed).rejects.toThrow(NotFiniteError);
    await expect(failed).rejects.toThrow('The objective is your own: objectives.checkGradient says');
  });

  test('is continued from a checkpoint only with the same function', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'apolab-own-'));
    afterAll(() => rm(folder, { recursive: true }));
    const checkpoint = { folder, every: 1 };
    const copy = model.clone();
    const run = train(copy, pairs, { ...options, objective: ownDpo, checkpoint });
    for await (const step of run) if (step.step === 2) break;
    copy.dispose();
    const resumed = await historyOf({ objective: ownDpo, checkpoint, resume: true });
    expect(resumed.history.at(-1)!.step).toBe(4);
    const changed = (input: Parameters<LossFunction>[0], given: { readonly beta: number }) =>
      tf.mul(ownDpo(input, given), 2);
    await expect(
      historyOf({ objective: objectives.define({ id: 'ownDpo', compute: changed }), checkpoint, resume: true }),
    ).rejects.toThrow("what differs: the text of the objective's function.");
  });
});
