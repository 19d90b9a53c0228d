/** Training on unpaired examples; tests/training/trajectories.test.ts compares whole runs with TRL's KTOTrainer. */
import path from 'node:path';
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { fromPretrained, type LanguageModel } from '../../src/model/index.js';
import { objectives } from '../../src/objectives/index.js';
import { readPairs, readUnpaired, unpairPairs, type UnpairedExample } from '../../src/preference.js';
import { tf } from '../../src/tensor/index.js';
import {
  diagnose,
  prepareExamples,
  sequenceTokens,
  train,
  type Step,
  type TrainOptions,
  type UnpairedStep,
  type UnpairedStepMetrics,
} from '../../src/training/index.js';
import { goldenFolder } from '../golden/read.js';

const { pairs } = await readPairs(path.join(goldenFolder, 'pairs.jsonl'));
const { examples: all } = await readUnpaired(path.join(goldenFolder, 'trajectory-unpaired.jsonl'));
// Row 11 of the file has a long prompt, for runs that cut.
const examples = all.filter((_, index) => index !== 10);
const fresh = () => fromPretrained(path.join(goldenFolder, 'tiny-llama'));
let model: LanguageModel;
beforeEach(async () => {
  model = await fresh();
});

type Options = TrainOptions<UnpairedStepMetrics>;
async function stepsOf(rows: readonly UnpairedExample[], options: Options, of = model): Promise<UnpairedStep[]> {
  const steps: UnpairedStep[] = [];
  for await (const step of train(of, rows, options)) steps.push(step);
  return steps;
}

test('the type of a step says what it may lack', () => {
  const options = { objective: 'kto' };
  expectTypeOf(train(model, examples, options).history).toEqualTypeOf<UnpairedStep[]>();
  expectTypeOf(train(model, pairs, options).history).toEqualTypeOf<Step[]>();
});

describe('rows that an objective does not take are refused in a sentence', () => {
  test.each(['dpo', 'sft', 'apo_zero'] as const)('unpaired examples with %s', (objective) => {
    expect(() => train(model, examples, { objective })).toThrow(
      `${objectives[objective].label} needs pairs; unpaired rows (prompt, completion, label) are taken by kto, apo_zero_unpaired, bco.`,
    );
  });

  test('pairs among unpaired examples', () => {
    expect(() => train(model, [...examples.slice(0, 2), ...pairs] as UnpairedExample[], { objective: 'kto' })).toThrow(
      '8 of 10 rows are pairs, the others unpaired examples; make examples of the pairs with preference.unpairPairs(pairs).',
    );
  });

  test('batches of one example with KTO, which combines the examples of a batch', () => {
    expect(() => train(model, examples, { objective: 'kto', batchSize: 1 })).toThrow(
      /batchSize has to be 2 or more for unpaired examples; it is 1/,
    );
  });

  test('an example that cannot be trained on, with its number', async () => {
    const broken = { ...examples[0]!, completion: ' zebra' };
    await expect(stepsOf([...examples, broken], { objective: 'kto' })).rejects.toThrow(
      /Example 30 of 30 cannot be trained on: completion has a word .* 'zebra'/,
    );
  });
});

test.each(['kto', 'bco', 'apo_zero_unpaired'] as const)(
  '%s on the responses of pairs, one by one, gives the numbers of the pairs',
  async (objective) => {
    const options = { objective, maxSteps: 12, learningRate: 1e-3, shuffle: false } as const;
    const paired: Step[] = [];
    for await (const step of train(await fresh(), pairs, { ...options, batchSize: 4 })) paired.push(step);
    // In the order of TRL's trainer: the chosen responses of a batch, then the rejected ones.
    const split = [pairs.slice(0, 4), pairs.slice(4)].flatMap((batch) => {
      const of = unpairPairs(batch);
      return [...of.filter(({ label }) => label), ...of.filter(({ label }) => !label)];
    });
    const single = await stepsOf(split, { ...options, batchSize: 8 });
    expect(single).toHaveLength(12);
    single.forEach((step, index) => {
      expect(Object.keys(step)).toEqual(Object.keys(paired[index]!).filter((name) => name !== 'rewards/accuracies'));
      for (const [name, value] of Object.entries(step) as [keyof Step, number][]) {
        const expected = paired[index]![name]!;
        expect(Math.abs(value - expected), name).toBeLessThan(2e-4 * Math.max(1, Math.abs(expected)));
      }
    });
    expect(Math.abs(single.at(-1)!['rewards/margins']!)).toBeGreaterThan(0.05);
  },
);

test("BCO's loss is -w log s(+-(r - delta)), delta the mean of all rewards so far, with the weight of the label", async () => {
  const objectiveOptions = { desirableWeight: 1.5, undesirableWeight: 0.5 };
  // With one example per batch the logged reward is that of the example, so the loss follows from it.
  const options = { objective: 'bco', objectiveOptions, batchSize: 1, maxSteps: 20, learningRate: 1e-3 } as const;
  const steps = await stepsOf(examples, { ...options, shuffle: false });
  const logSigmoid = (x: number) => -Math.log1p(Math.exp(-x));
  let sum = 0;
  steps.forEach((step, index) => {
    const { label } = examples[index]!;
    const reward = step[label ? 'rewards/chosen' : 'rewards/rejected']!;
    expect(step[label ? 'rewards/rejected' : 'rewards/chosen']).toBeUndefined();
    sum += reward;
    const shift = sum / (index + 1);
    const expected = label ? -1.5 * logSigmoid(reward - shift) : -0.5 * logSigmoid(shift - reward);
    expect(step.loss).toBeCloseTo(expected, 5);
  });
  expect(Math.abs(sum)).toBeGreaterThan(0.01);
});

test('a step with one label only has no metric of the other, and every value is a number', async () => {
  const desirable = examples.filter(({ label }) => label);
  const steps = await stepsOf(desirable, { objective: 'kto', batchSize: 3, maxSteps: 9, learningRate: 1e-3 });
  for (const step of steps) {
    expect(Object.keys(step)).not.toContain('rewards/rejected');
    expect(Object.values(step).every(Number.isFinite)).toBe(true);
  }
  const { findings, summary } = diagnose(steps);
  expect([findings.map(({ id }) => id), summary]).toEqual([
    expect.not.arrayContaining(['not_finite']),
    expect.any(String),
  ]);
});

test('the order is shuffled by the seed, an epoch has every example once, and evaluations and early stops work', async () => {
  const run = async (seed: number) =>
    stepsOf(examples, { objective: 'bco', batchSize: 6, gradientAccumulation: 2, epochs: 2, seed }, await fresh());
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  expect(first.map(({ epoch }) => Number(epoch.toFixed(2)))).toEqual([0.4, 0.8, 1, 1.4, 1.8, 2]);
  expect(first[5]!.num_tokens).toBe(2 * first[2]!.num_tokens);
  const scores = [1, 3, 2, 2, 9];
  const stopped = await stepsOf(examples, {
    objective: 'kto',
    batchSize: 29,
    epochs: 5,
    evaluate: { run: (_, { step, ...metrics }) => ({ score: scores[step - 1]!, loss: metrics.loss }) },
    earlyStop: { metric: 'eval_score', patience: 2, mode: 'max' },
  });
  expect(stopped.map(({ eval_score: score }) => score)).toEqual([1, 3, 2, 2]);
});

test.each(['kto', 'bco'] as const)('no tensors are left behind by %s, with batches of one label', async (objective) => {
  const before = tf.memory().numTensors;
  const counts = new Set<number>();
  const run = train(model, examples, { objective, batchSize: 4, gradientAccumulation: 2, epochs: 6, shuffle: false });
  // Four steps per epoch; the last one has fewer examples.
  for await (const { step } of run) if (step % 4 === 1) counts.add(tf.memory().numTensors);
  expect(counts.size).toBe(1);
  // What the optimizer and the session hold is freed at the end.
  expect(tf.memory().numTensors).toBe(before);
});

describe('the max length', () => {
  test('cuts completions, leaves out examples without room, and counts both by example', async () => {
    const run = train(model, all, { objective: 'apo_zero_unpaired', maxLength: 14, batchSize: 8, epochs: 1 });
    for await (const { steps } of run) expect(steps).toBe(4);
    const [cut, room] = run.findings;
    expect(cut).toMatchObject({ check: 'truncated_responses', of: 30, unit: 'responses' });
    expect(room).toMatchObject({ check: 'no_room', count: 1, of: 30, unit: 'examples', firstPair: 11 });
    expect(room!.message).toMatch(/^no_room: 1 of 30 examples are skipped: .* \(first: example 11\)\.$/);
  });

  test('refuses a set in which no example has room', async () => {
    await expect(stepsOf([all[10]!], { objective: 'bco', maxLength: 8 })).rejects.toThrow(
      'No example can be trained on: every prompt alone fills the max length of 8 tokens.',
    );
  });
});

test('num_tokens counts prompt and response of every sequence; for SFT those of the chosen responses', async () => {
  const pair = { prompt: [1, 2, 3], responses: [[4, 5], [6]] };
  expect(sequenceTokens(pair, objectives.dpo)).toBe(3 + 2 + 3 + 1);
  expect(sequenceTokens(pair, objectives.sft)).toBe(3 + 2);
  expect(sequenceTokens({ prompt: [1, 2, 3], responses: [[6]], label: false }, objectives.kto)).toBe(3 + 1);
  const { rows } = await prepareExamples(model, examples);
  const expected = rows.reduce((sum, { whole }) => sum + whole.prompt.length + whole.responses[0]!.length, 0);
  const steps = await stepsOf(examples, { objective: 'kto', batchSize: 10 });
  expect(steps.at(-1)!.num_tokens).toBe(expected);
});

test('a conversation goes through the chat template, and the template checks look at it', async () => {
  const chat = await fromPretrained(path.join(goldenFolder, 'chat-llama'));
  const conversation = [{ role: 'user', content: 'How much?' }];
  const rows = ['12 coins', '3 coins', '<|im_start|>assistant\n4 coins'].map((completion, index) => ({
    prompt: 'How much?',
    conversation,
    completion,
    label: index === 0,
  }));
  const { rows: prepared, findings } = await prepareExamples(chat, rows);
  const written = chat.tokenizer.encodeChat([...conversation, { role: 'assistant', content: '12 coins' }], {
    addGenerationPrompt: false,
  });
  expect([...prepared[0]!.tokenized.prompt, ...prepared[0]!.tokenized.responses[0]!]).toEqual(written);
  // The template ends a turn with another token than the tokenizer's end of sequence.
  expect(findings).toMatchObject([
    { check: 'missing_eos', count: 3, of: 3, unit: 'responses', firstPair: 1 },
    { check: 'generation_prompt_in_response', count: 1, of: 3, unit: 'responses', firstPair: 3 },
  ]);
});
