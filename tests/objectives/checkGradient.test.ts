/** The check of an objective's gradient: every objective of the catalog is right, and what is wrong is named. */
import { describe, expect, it } from 'vitest';
import { jupyterDisplay } from '../../src/core/display.js';
import { checkGradient, defineObjective, objectiveIds, type LossFunction } from '../../src/objectives/index.js';
import { logSigmoid, stopGradient, tf, useBackend } from '../../src/tensor/index.js';

await useBackend();

const margins = ({ chosenLogRatios, rejectedLogRatios }: Parameters<LossFunction>[0]) =>
  tf.sub(chosenLogRatios, rejectedLogRatios);
const ownDpo: LossFunction = (logProbs, { beta }) => tf.neg(logSigmoid(tf.mul(margins(logProbs), beta)));
const hinge = defineObjective({
  id: 'hinge',
  defaults: { margin: 1 },
  compute: (logProbs, { beta, margin }) => tf.relu(tf.sub(margin, tf.mul(margins(logProbs), beta))),
});

describe('the check of a gradient', () => {
  it.each(objectiveIds)('finds %s right', async (id) => {
    const check = await checkGradient(id);
    expect(check.largestError).toBeLessThan(1e-3);
    expect(check.compared).toBeGreaterThanOrEqual(14);
    expect(check.ignoredOptions).toEqual([]);
  });

  it('says what is ignored', async () => {
    expect((await checkGradient('sft')).ignoredInputs).toEqual([
      'policyRejected',
      'referenceChosen',
      'referenceRejected',
      'rejectedTokens',
    ]);
    const deaf = defineObjective({
      id: 'deaf',
      defaults: { slack: 1 },
      compute: (input, { beta }) => ownDpo(input, { beta }),
    });
    const check = await checkGradient(deaf);
    expect(check).toMatchObject({ ignoredInputs: ['chosenTokens', 'rejectedTokens'], ignoredOptions: ['slack'] });
    expect(check[jupyterDisplay]()['text/plain']).toMatch(
      /^deaf: the gradient is right; 16 derivatives compared, largest error \S+ %\.\nIgnored: chosenTokens, rejectedTokens\.\nOptions without effect: slack\.$/,
    );
  });

  it('takes kinks into account', async () => {
    const check = await checkGradient(hinge, { objectiveOptions: { margin: 0.2 }, pairs: 24 });
    expect(check.compared + check.notCompared).toBe(48);
    expect(check.compared).toBeGreaterThan(24);
  });

  it('names the input with a stopped gradient', async () => {
    const half: LossFunction = (input, { beta }) =>
      tf.neg(logSigmoid(tf.mul(tf.sub(input.chosenLogRatios, stopGradient(input.rejectedLogRatios)), beta)));
    await expect(checkGradient(half)).rejects.toThrow(
      /^half: the gradient with respect to policyRejected is wrong\. TensorFlow gives 0\.000, finite differences 0\.\d+ \(log-ratio of the chosen response/,
    );
  });

  it('finds a custom gradient that is wrong by 1 %', async () => {
    const scaled = tf.customGrad((x, save) => {
      (save as (saved: tf.Tensor[]) => void)([x as tf.Tensor]);
      return {
        value: tf.square(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.mul(saved[0]!, 2 * 1.01)),
      };
    });
    await expect(checkGradient((input) => scaled(tf.mul(input.chosenLogRatios, 0.1)))).rejects.toThrow(
      /policyChosen is wrong.*A custom gradient is wrong/s,
    );
  });

  it('names a loss that is not finite', async () => {
    const root: LossFunction = (input) => tf.sqrt(margins(input));
    await expect(checkGradient(root)).rejects.toThrow(/^root: the loss of a pair is NaN \(log-ratio of the chosen/);
  });

  it('frees its tensors', async () => {
    await checkGradient(hinge);
    const before = tf.memory().numTensors;
    await checkGradient(hinge);
    await expect(checkGradient((input) => tf.sqrt(margins(input)))).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});
