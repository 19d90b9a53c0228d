/** Objectives of one's own: what they may be, and what errors say. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { ApolabError } from '../../src/core/errors.js';
import {
  defineObjective,
  objectiveIds,
  objectiveOptions,
  objectives as table,
  requireGradient,
  resolveObjective,
  type LossFunction,
  type ResponseLogProbs,
} from '../../src/objectives/index.js';
import { objectives } from '../../src/objectives/toolbox.js';
import { logSigmoid, tf, useBackend } from '../../src/tensor/index.js';

await useBackend();

const margins = ({ chosenLogRatios, rejectedLogRatios }: Parameters<LossFunction>[0]) =>
  tf.sub(chosenLogRatios, rejectedLogRatios);
const ownDpo: LossFunction = (logProbs, { beta }) => tf.neg(logSigmoid(tf.mul(margins(logProbs), beta)));
const hinge = objectives.define({
  id: 'hinge',
  defaults: { margin: 1 },
  compute: (logProbs, { beta, margin }) => tf.relu(tf.sub(margin, tf.mul(margins(logProbs), beta))),
});

/** Two pairs with log-ratios 10, -10 and -4, 2. */
const logProbs: ResponseLogProbs = {
  policyChosen: tf.tensor1d([-40, -24]),
  policyRejected: tf.tensor1d([-60, -18]),
  referenceChosen: tf.tensor1d([-50, -20]),
  referenceRejected: tf.tensor1d([-50, -20]),
  chosenTokens: tf.tensor1d([6, 6]),
  rejectedTokens: tf.tensor1d([6, 6]),
};

describe('an own objective', () => {
  it('computes what the one of the catalog does, rewards included', () => {
    const [own, builtIn] = [ownDpo, 'dpo'].map((one) => resolveObjective(one).compute(logProbs, { beta: 0.1 }));
    for (const name of ['losses', 'chosenRewards', 'rejectedRewards'] as const) {
      expect([...own![name].dataSync()]).toEqual([...builtIn![name].dataSync()]);
    }
  });

  it('has options with defaults, and those only', () => {
    const entry = resolveObjective(hinge);
    const options = objectiveOptions(entry, { margin: 3 });
    expect(options).toEqual({ beta: 0.1, margin: 3 });
    // 3 - 0.1 * 20 and 3 - 0.1 * -6
    expect(entry.compute(logProbs, options).losses.dataSync()).toEqual(Float32Array.of(1, 3.6));
    expect(() => objectiveOptions(entry, { margn: 3 })).toThrow(
      "'margn' is not a known option of hinge; did you mean 'margin'? Known: beta, margin.",
    );
    expect(() => objectiveOptions(resolveObjective(ownDpo), { gamma: 1 })).toThrow('Known: beta.');
  });

  it('is typed without a cast', () => {
    expectTypeOf<LossFunction>().parameter(1).toEqualTypeOf<{ readonly beta: number }>();
    objectives.define({
      id: 'typed',
      defaults: { slack: 2 },
      compute: (input, options) => {
        expectTypeOf(input.chosenLogRatios).toEqualTypeOf<tf.Tensor1D>();
        expectTypeOf(options).toExtend<{ readonly slack: number; readonly beta: number }>();
        // @ts-expect-error: no such option
        const missing: unknown = options.slak;
        expect(missing).toBe(undefined);
        return tf.mul(input.chosenLogRatios, options.slack);
      },
    });
    // @ts-expect-error: a number is no loss per pair
    objectives.define({ id: 'number', compute: () => 1 });
  });

  it('can be a changed row of the catalog', () => {
    const changed = objectives.define({ ...objectives.dpo, id: 'own_dpo', compute: ownDpo });
    expect(changed).toMatchObject({ id: 'own_dpo', label: 'DPO', color: '#0072b2', defaults: { labelSmoothing: 0 } });
  });

  it('is found by its function, its entry and its resolved entry', () => {
    const entry = resolveObjective(hinge);
    expect(resolveObjective(hinge)).toBe(entry);
    expect(resolveObjective(entry)).toBe(entry);
    expect(resolveObjective(table.apo_zero)).toBe(table.apo_zero);
    expect(resolveObjective(objectives.apo_zero).id).toBe('apo_zero');
    expect(resolveObjective(ownDpo)).toMatchObject({ id: 'ownDpo', definition: ownDpo.toString() });
    expect(resolveObjective((input) => tf.neg(input.chosenLogRatios)).id).toBe('own');
    for (const wrong of [null, 3, {}, { compute: ownDpo }]) {
      expect(() => resolveObjective(wrong as never)).toThrow(/The objective is neither an id, .* objectives\.define\(/);
    }
  });

  it.each([
    ['dpo', "'dpo' is an objective in the catalog"],
    ['sigmoid', "'sigmoid' is TRL's name of 'dpo'"],
    ['my objective', "'my objective' cannot be an objective's id"],
  ])('cannot have the id %s', (id, message) => {
    expect(() => defineObjective({ id, compute: ownDpo })).toThrow(message);
  });

  it('has numbers as defaults', () => {
    expect(() => defineObjective({ id: 'wrong', defaults: { margin: NaN }, compute: ownDpo })).toThrow(
      "wrong: the default of 'margin' is NaN",
    );
  });

  it('leaves the keys of the table as they were', () => {
    expect(Object.keys(objectives)).toEqual([...objectiveIds]);
  });
});

describe('an error about an own objective', () => {
  const compute = (loss: unknown, more: object = {}) => {
    const own = defineObjective({ id: 'mine', compute: loss as LossFunction, ...more });
    return () => tf.tidy(() => requireGradient(resolveObjective(own), { beta: 0.1 }));
  };

  it.each<[string, unknown, string]>([
    [
      'a mean',
      (input: never) => tf.mean(margins(input)),
      'mine: losses has shape [], expected [3]: one value per pair. Take no mean',
    ],
    ['two axes', (input: never) => tf.reshape(margins(input), [3, 1]), 'mine: losses has shape [3, 1], expected [3]'],
    ['nothing', () => undefined, 'mine: losses is undefined, not a tensor. Return the losses as a tensor of shape [3]'],
    ['a number', () => 0.7, 'mine: losses is of type number, not a tensor.'],
    [
      'a promise',
      () => Promise.resolve(1),
      'mine: losses is a promise, not a tensor. Return the losses as a tensor of shape [3] (one value per pair), or { losses, chosenRewards, rejectedRewards }. The function must not be async.',
    ],
    ['a comparison', (input: never) => tf.greater(margins(input), 0), 'mine: losses is of type bool, expected float32'],
    [
      'wrong rewards',
      (input: never) => ({ losses: margins(input), chosenRewards: tf.mean(margins(input)) }),
      'mine: chosenRewards has shape [], expected [3]',
    ],
    [
      'numbers taken out of TensorFlow',
      (input: never) => tf.tensor1d([...margins(input).dataSync()]),
      'mine has no gradient: its losses depend on neither policyChosen nor policyRejected',
    ],
    [
      'an operation without a gradient',
      (input: never) => tf.add(margins(input), tf.cast(tf.topk(margins(input), 3).values, 'float32')),
      'mine cannot be differentiated. Cannot compute gradient: gradient function not found for TopK.',
    ],
    [
      'an undeclared option',
      (input: never, { slack }: { slack: number }) => tf.mul(margins(input), slack),
      "mine reads the option 'slack', which it does not declare",
    ],
    [
      'the KL estimate',
      ({ kl }: { kl: tf.Scalar }) => kl,
      'mine reads kl, which is computed only for objectives that say so',
    ],
  ])('names %s', (_name, loss, message) => {
    expect(compute(loss)).toThrow(ApolabError);
    expect(compute(loss)).toThrow(message);
  });

  it('gives the KL estimate and a loss per response to an objective that asks for them', () => {
    const loss = (input: Parameters<LossFunction>[0]) =>
      tf.concat1d([tf.sub<tf.Tensor1D>(input.kl!, input.chosenLogRatios), input.rejectedLogRatios]);
    expect(compute(loss, { needsKl: true, paired: false })).not.toThrow();
    expect(compute(loss, { needsKl: true })).toThrow('mine: losses has shape [6], expected [3]: one value per pair.');
    // Unpaired examples: two desirable ones and one undesirable.
    const [two, one] = [tf.tensor1d([-20, -30]), tf.tensor1d([-10])];
    const uneven = {
      policyChosen: two,
      policyRejected: one,
      referenceChosen: tf.sub<tf.Tensor1D>(two, 5),
      referenceRejected: tf.add<tf.Tensor1D>(one, 5),
      chosenTokens: two,
      rejectedTokens: one,
      kl: tf.scalar(0),
    };
    const own = defineObjective({ id: 'mine', compute: loss, needsKl: true, paired: false });
    const result = resolveObjective(own).compute(uneven, { beta: 0.1 });
    expect([...result.losses.dataSync()]).toEqual([-5, -5, -5]);
    expect([...result.chosenRewards.dataSync()]).toEqual([0.5, 0.5]);
    expect([...result.rejectedRewards.dataSync()]).toEqual([-0.5]);
  });

  it('lets errors of the function itself through', () => {
    expect(compute((input: never) => (input as { missing: { sub(): never } }).missing.sub())).toThrow(TypeError);
  });
});
