/** The objectives against the published formulas and TRL's own loss code (tests/golden/objectives.py), at float32. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ApolabError, UnknownNameError } from '../../src/core/errors.js';
import {
  findObjective,
  objectiveIds,
  objectives,
  trlArguments,
  type Objective,
  type ObjectiveId,
  type ObjectiveOptions,
  type ResponseLogProbs,
} from '../../src/objectives/index.js';
import { tf, useBackend } from '../../src/tensor/index.js';
import { gridObjectiveIds } from '../../src/datasets/paper.js';

interface Expected {
  losses: number[];
  chosenRewards: number[];
  rejectedRewards: number[];
  gradientChosen: number[];
  gradientRejected: number[];
  trl: {
    loss: number;
    gradientChosen: number[];
    gradientRejected: number[];
    'rewards/chosen': number;
    'rewards/rejected': number;
  } | null;
}

interface GoldenCase extends Required<ObjectiveOptions> {
  name: string;
  kl: number;
  rewardShift: number;
  policyChosen: number[];
  policyRejected: number[];
  referenceChosen: number[];
  referenceRejected: number[];
  chosenTokens: number[];
  rejectedTokens: number[];
  /** None where the formula has no value: ORPO's of a probability above 1. */
  expected: Record<ObjectiveId, Expected | null>;
}

const golden = JSON.parse(readFileSync(new URL('../golden/objectives.json', import.meta.url), 'utf8')) as {
  cases: GoldenCase[];
};

interface Evaluated {
  losses: number[];
  chosenRewards: number[];
  rejectedRewards: number[];
  gradientChosen: number[];
  gradientRejected: number[];
}

/** The same values, one operation away from the tensor they come from. */
const intermediate = (leaf: tf.Tensor) => tf.add<tf.Tensor1D>(leaf, 0);

/** Values of an objective, and the gradients of its mean loss, taken through an intermediate tensor as in training. */
function evaluate(compute: Objective, given: GoldenCase): Evaluated {
  const inputs = (chosen: tf.Tensor1D, rejected: tf.Tensor1D): ResponseLogProbs => ({
    policyChosen: chosen,
    policyRejected: rejected,
    referenceChosen: tf.tensor1d(given.referenceChosen),
    referenceRejected: tf.tensor1d(given.referenceRejected),
    chosenTokens: tf.tensor1d(given.chosenTokens),
    rejectedTokens: tf.tensor1d(given.rejectedTokens),
    kl: tf.scalar(given.kl),
    rewardShift: tf.scalar(given.rewardShift),
  });
  const chosen = tf.tensor1d(given.policyChosen);
  const rejected = tf.tensor1d(given.policyRejected);
  const result = compute(inputs(chosen, rejected), given);
  const [gradientChosen, gradientRejected] = tf.grads((a: tf.Tensor, b: tf.Tensor) => {
    const { losses } = compute(inputs(intermediate(a), intermediate(b)), given);
    // SFT's loss doesn't depend on the rejected responses; tf.grads wants a path to every input.
    return tf.add(tf.mean(losses), tf.mul(tf.sum(b), 0));
  })([chosen, rejected]);
  return {
    losses: [...result.losses.dataSync()],
    chosenRewards: [...result.chosenRewards.dataSync()],
    rejectedRewards: [...result.rejectedRewards.dataSync()],
    gradientChosen: [...gradientChosen!.dataSync()],
    gradientRejected: [...gradientRejected!.dataSync()],
  };
}

/** Within `absolute`, or `relative` of the expected value; says which element is off. */
function expectClose(actual: readonly number[], expected: readonly number[], absolute = 1e-6, relative = 1e-6): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    const difference = Math.abs(actual[index]! - value);
    const message = `[${index}] is ${actual[index]}, not ${value}`;
    expect(difference, message).toBeLessThanOrEqual(Math.max(absolute, relative * Math.abs(value)));
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

beforeAll(async () => {
  await useBackend();
});

describe.each(golden.cases)('on the case $name', (given) => {
  const known = objectiveIds.filter((id) => given.expected[id] !== null);

  it.each(known)("%s has the published formula's values and TRL's loss and rewards", (id) => {
    const expected = given.expected[id]!;
    const actual = evaluate(objectives[id].compute, given);
    expectClose(actual.losses, expected.losses);
    expectClose(actual.chosenRewards, expected.chosenRewards);
    expectClose(actual.rejectedRewards, expected.rejectedRewards);
    if (expected.trl === null) return;
    expectClose([mean(actual.losses)], [expected.trl.loss]);
    expectClose([mean(actual.chosenRewards)], [expected.trl['rewards/chosen']]);
    expectClose([mean(actual.rejectedRewards)], [expected.trl['rewards/rejected']]);
  });

  it.each(known)("%s has autograd's gradients and TRL's", (id) => {
    const expected = given.expected[id]!;
    const actual = evaluate(objectives[id].compute, given);
    expectClose(actual.gradientChosen, expected.gradientChosen, 1e-7, 1e-5);
    expectClose(actual.gradientRejected, expected.gradientRejected, 1e-7, 1e-5);
    if (expected.trl === null) return;
    expectClose(actual.gradientChosen, expected.trl.gradientChosen, 1e-7, 1e-5);
    expectClose(actual.gradientRejected, expected.trl.gradientRejected, 1e-7, 1e-5);
  });
});

/** One pair with the given log-ratios; the reference gives both responses e^-20. */
function onePair(chosenRatio: number, rejectedRatio: number): GoldenCase {
  const reference = -20;
  return {
    name: 'one pair',
    beta: 0.1,
    desirableWeight: 1,
    undesirableWeight: 1,
    labelSmoothing: 0,
    gamma: 0,
    likelihoodWeight: 0,
    penaltyWeight: 50,
    kl: 0,
    rewardShift: 0,
    policyChosen: [reference + chosenRatio],
    policyRejected: [reference + rejectedRatio],
    referenceChosen: [reference],
    referenceRejected: [reference],
    chosenTokens: [4],
    rejectedTokens: [5],
    expected: {} as GoldenCase['expected'],
  };
}

describe('the vectors the project writes down', () => {
  it.each([
    { id: 'dpo', loss: 0.126928, paper: 0.126928 },
    { id: 'apo_zero', loss: 0.537883, paper: -0.462117 },
    { id: 'apo_down', loss: 0.850261, paper: -0.149739 },
  ] as const)("$id at log-ratios 10 and -10 is TRL's $loss, the paper's $paper", ({ id, loss, paper }) => {
    const [value] = evaluate(objectives[id].compute, onePair(10, -10)).losses;
    expectClose([value!], [loss], 1e-6, 0);
    expectClose([value! - (id === 'dpo' ? 0 : 1)], [paper], 1e-6, 0);
  });

  it.each([
    { id: 'dpo', losses: [Math.LN2], chosen: -1 / 2, rejected: 1 / 2 },
    { id: 'apo_zero', losses: [1], chosen: -1 / 4, rejected: 1 / 4 },
    { id: 'apo_down', losses: [1], chosen: 0, rejected: 1 / 4 },
    { id: 'apo_zero_unpaired', losses: [0.5, 0.5], chosen: -1 / 8, rejected: 1 / 8 },
    { id: 'kto', losses: [0.5, 0.5], chosen: -1 / 8, rejected: 1 / 8 },
    { id: 'robust_dpo', losses: [Math.LN2], chosen: -1 / 2, rejected: 1 / 2 },
    { id: 'dpop', losses: [Math.LN2], chosen: -1 / 2, rejected: 1 / 2 },
    // Of 4 and 5 tokens.
    { id: 'dpo_norm', losses: [Math.LN2], chosen: -1 / 8, rejected: 1 / 10 },
    { id: 'ipo', losses: [25], chosen: -100 / 4, rejected: 100 / 5 },
    { id: 'bco_pair', losses: [2 * Math.LN2], chosen: -1 / 2, rejected: 1 / 2 },
    { id: 'bco', losses: [Math.LN2, Math.LN2], chosen: -1 / 4, rejected: 1 / 4 },
  ] as const)('$id, where policy and reference agree, starts at $losses', ({ id, losses, chosen, rejected }) => {
    const actual = evaluate(objectives[id].compute, onePair(0, 0));
    expectClose(actual.losses, losses);
    // In units of beta; the unpaired losses' mean runs over 2N examples, which halves their gradient.
    expectClose([actual.gradientChosen[0]! / 0.1, actual.gradientRejected[0]! / 0.1], [chosen, rejected]);
  });

  it('holds APO-zero at its anchors where DPO lets both likelihoods fall', () => {
    const before = onePair(0, 0);
    const bothFall = onePair(-40, -60);
    expect(evaluate(objectives.dpo.compute, bothFall).losses[0]).toBeLessThan(
      evaluate(objectives.dpo.compute, before).losses[0]!,
    );
    expect(evaluate(objectives.apo_zero.compute, bothFall).gradientChosen[0]).toBeLessThan(0);
    expect(evaluate(objectives.apo_down.compute, bothFall).gradientChosen[0]).toBeGreaterThan(-1e-2);
  });
});

describe.each(objectiveIds)('%s', (id) => {
  it('has the gradient that finite differences measure', () => {
    const at = { chosen: 3.5, rejected: -2.25 };
    const settings = { kl: 1.5, rewardShift: 0.25, labelSmoothing: 0.125, gamma: 0.5, likelihoodWeight: 0.5 };
    const step = 0.05;
    const loss = (chosen: number, rejected: number) =>
      mean(evaluate(objectives[id].compute, { ...onePair(chosen, rejected), ...settings }).losses);
    const { gradientChosen, gradientRejected } = evaluate(objectives[id].compute, {
      ...onePair(at.chosen, at.rejected),
      ...settings,
    });
    const slope = (a: number, b: number) => (a - b) / (2 * step);
    const chosen = slope(loss(at.chosen + step, at.rejected), loss(at.chosen - step, at.rejected));
    const rejected = slope(loss(at.chosen, at.rejected + step), loss(at.chosen, at.rejected - step));
    // The losses are float32: their rounding, over twice the step.
    expectClose([gradientChosen[0]!, gradientRejected[0]!], [chosen, rejected], 1e-5, 1e-4);
  });

  it('stays finite, in value and gradient, at log-ratios of 100 and 3000 either way', () => {
    const extremes = [-3000, -100, 100, 3000];
    for (const pair of extremes.flatMap((a) => extremes.map((b) => onePair(a, b)))) {
      const all = Object.values(evaluate(objectives[id].compute, { ...pair, beta: 1 })).flat();
      expect(all.filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });

  it('leaves no tensors behind but its three results', () => {
    const chosen = tf.tensor1d([-3, -4]);
    const rejected = tf.tensor1d([-5, -6]);
    const tokens = tf.tensor1d([3, 4]);
    const kl = tf.scalar(0.5);
    const rewardShift = tf.scalar(0.5);
    const before = tf.memory().numTensors;
    const results = tf.tidy(() => ({
      ...objectives[id].compute(
        {
          policyChosen: chosen,
          policyRejected: rejected,
          referenceChosen: rejected,
          referenceRejected: chosen,
          chosenTokens: tokens,
          rejectedTokens: tokens,
          kl,
          rewardShift,
        },
        objectives[id].defaults,
      ),
    }));
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose({ ...results });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("states its shapes truly: losses a pair, or a response where it isn't paired", () => {
    const { losses } = evaluate(
      objectives[id].compute,
      golden.cases.find(({ name }) => name === 'random')!,
    );
    expect(losses).toHaveLength(objectives[id].paired ? 16 : 32);
  });
});

describe('the table', () => {
  it('knows the five columns of the grid, and those beyond it', () => {
    expect(gridObjectiveIds).toEqual(['sft', 'dpo', 'kto', 'apo_zero', 'apo_down']);
    expect(Object.keys(objectives)).toEqual([...objectiveIds]);
  });

  it('finds an objective by its name', () => {
    expect(findObjective('apo_zero').label).toBe('APO-zero');
  });

  it('proposes the nearest name for one it does not know', () => {
    expect(() => findObjective('apo-zero')).toThrow(UnknownNameError);
    expect(() => findObjective('apo-zero')).toThrow(
      `'apo-zero' is not a known objective; did you mean 'apo_zero'? Known: ${objectiveIds.join(', ')}.`,
    );
    expect(() => findObjective('toString')).toThrow("'toString' is not a known objective");
  });

  it('says whether the loss itself depends on the reference', () => {
    for (const id of objectiveIds) {
      const moved = evaluate(objectives[id].compute, {
        ...onePair(3, -4),
        referenceChosen: [-19],
        referenceRejected: [-17],
      });
      const still = evaluate(objectives[id].compute, onePair(3, -4));
      const depends = moved.losses.some((loss, index) => Math.abs(loss - still.losses[index]!) > 1e-4);
      expect(depends, id).toBe(objectives[id].needsReference);
    }
  });

  it('says which options an objective reads, each with a default', () => {
    const pair = onePair(-3, 4);
    const others = {
      beta: 0.25,
      desirableWeight: 2,
      undesirableWeight: 3,
      labelSmoothing: 0.25,
      gamma: 1.5,
      likelihoodWeight: 2,
      penaltyWeight: 7,
    };
    for (const id of objectiveIds) {
      const before = evaluate(objectives[id].compute, pair);
      const read = Object.entries(others).filter(([option, value]) => {
        const after = evaluate(objectives[id].compute, { ...pair, [option]: value });
        return [...after.losses, ...after.chosenRewards].some((number, index) => {
          return Math.abs(number - [...before.losses, ...before.chosenRewards][index]!) > 1e-5;
        });
      });
      expect(read.map(([option]) => option).sort(), id).toEqual(Object.keys(objectives[id].defaults).sort());
    }
  });

  it("names TRL's trainer and loss together or neither, and an argument for every option that TRL has", () => {
    const withoutTrl = objectiveIds.filter((id) => !('trlName' in objectives[id]));
    expect(withoutTrl).toEqual(['dpop', 'bco']);
    for (const id of objectiveIds) {
      expect('trlTrainer' in objectives[id], id).toBe('trlName' in objectives[id]);
      if (withoutTrl.includes(id)) continue;
      for (const option of Object.keys(objectives[id].defaults)) expect(trlArguments, id).toHaveProperty(option);
    }
  });

  it('says what has to be there beside the log-probabilities, and the objective asks for it in words', () => {
    for (const id of objectiveIds) {
      const one = tf.tensor1d([-1]);
      const bare = {
        policyChosen: one,
        policyRejected: one,
        referenceChosen: one,
        referenceRejected: one,
        chosenTokens: one,
        rejectedTokens: one,
      };
      const entry = objectives[id];
      const run = () => entry.compute(bare, entry.defaults);
      if (entry.needsKl) expect(run).toThrow(/KTO needs `kl`/);
      if (entry.needsRewardShift) expect(run).toThrow(/BCO needs `rewardShift`/);
      if (entry.needsKl || entry.needsRewardShift) expect(run).toThrow(ApolabError);
      else expect(run).not.toThrow();
    }
  });
});

describe('options that make no sense', () => {
  it.each([-0.1, 0.5, NaN])('a label smoothing of %s is refused with the range it may have', (labelSmoothing) => {
    for (const id of ['dpo', 'dpo_norm', 'robust_dpo', 'dpop', 'cpo', 'simpo'] as const) {
      const run = () => evaluate(objectives[id].compute, { ...onePair(1, -1), labelSmoothing });
      expect(run).toThrow(ApolabError);
      expect(run).toThrow(`labelSmoothing is ${labelSmoothing}; it must be from 0 to below 0.5`);
    }
  });

  it("DPOP's penalty is asked for, and may not be negative", () => {
    const run = (penaltyWeight: number) => () =>
      evaluate(objectives.dpop.compute, { ...onePair(1, -1), penaltyWeight });
    expect(run(-1)).toThrow("DPOP's penaltyWeight is -1; it must be 0 or more");
    expect(run(0)).not.toThrow();
  });
});

describe('what an objective promises over its neighbour', () => {
  it("robust DPO's mean over flipped labels is DPO's loss on the true ones", () => {
    const [flipped, pair] = [0.25, onePair(6, -3)];
    const robust = (given: GoldenCase) =>
      evaluate(objectives.robust_dpo.compute, { ...given, labelSmoothing: flipped }).losses[0]!;
    const expected = evaluate(objectives.dpo.compute, pair).losses;
    expectClose([(1 - flipped) * robust(pair) + flipped * robust(onePair(-3, 6))], expected, 2e-6);
  });

  it("conservative DPO's margin comes to rest at log((1 - e) / e)", () => {
    const rest = Math.log(0.75 / 0.25) / 0.1;
    const gradientAt = (margin: number) =>
      evaluate(objectives.dpo.compute, { ...onePair(margin, 0), labelSmoothing: 0.25 }).gradientChosen[0]!;
    expect(gradientAt(rest - 1)).toBeLessThan(-1e-4);
    expect(Math.abs(gradientAt(rest))).toBeLessThan(1e-7);
    expect(gradientAt(rest + 1)).toBeGreaterThan(1e-4);
  });

  it('DPOP pulls a fallen chosen response up harder than DPO, and leaves a risen one to DPO', () => {
    const gradient = (id: ObjectiveId, pair: GoldenCase) => evaluate(objectives[id].compute, pair).gradientChosen[0]!;
    expect(gradient('dpop', onePair(-1, -30))).toBeLessThan(10 * gradient('dpo', onePair(-1, -30)));
    expect(gradient('dpop', onePair(1, -30))).toBe(gradient('dpo', onePair(1, -30)));
  });

  it.each(['dpo_norm', 'ipo', 'simpo'] as const)('%s does not see that both responses are twice as long', (id) => {
    const short = onePair(2, -3);
    const twice = (values: readonly number[]) => values.map((value) => 2 * value);
    const long = {
      ...short,
      policyChosen: twice(short.policyChosen),
      policyRejected: twice(short.policyRejected),
      referenceChosen: twice(short.referenceChosen),
      referenceRejected: twice(short.referenceRejected),
      chosenTokens: twice(short.chosenTokens),
      rejectedTokens: twice(short.rejectedTokens),
    };
    const loss = (given: GoldenCase) => evaluate(objectives[id].compute, given).losses;
    expectClose(loss(long), loss(short));
    expect(evaluate(objectives.dpo.compute, long).losses[0]).toBeLessThan(
      evaluate(objectives.dpo.compute, short).losses[0]! - 0.1,
    );
  });

  it('BCO without a shift is the paired one, half a response', () => {
    const [desirable, undesirable] = evaluate(objectives.bco.compute, onePair(7, 2)).losses;
    expectClose([desirable! + undesirable!], evaluate(objectives.bco_pair.compute, onePair(7, 2)).losses);
  });
});
