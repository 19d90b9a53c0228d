/** Benchmarks that compare log-probabilities: preference accuracy against PyTorch's numbers, and multiple choice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchmarks, evaluate, type Benchmark } from '../../src/evaluation/index.js';
import { fromPretrained } from '../../src/model/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

interface LogProbs {
  readonly chosenIds: readonly number[];
  readonly rejectedIds: readonly number[];
  readonly chosenLogProb: number;
  readonly rejectedLogProb: number;
}
const { logProbs } = readGolden<{ models: Record<string, { logProbs: LogProbs[] }> }>('model.json').models[
  'tiny-llama'
]!;
const model = await fromPretrained(path.join(goldenFolder, 'tiny-llama'));
const pairs = path.join(goldenFolder, 'pairs.jsonl');
const folder = mkdtempSync(path.join(tmpdir(), 'likelihoods-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('preference accuracy', () => {
  test("and margin are those of PyTorch's log-probabilities", async () => {
    const { score, n, parts, items } = await evaluate(model, 'preference_accuracy', { data: pairs, batchSize: 3 });
    const margins = logProbs.map(({ chosenLogProb, rejectedLogProb }) => chosenLogProb - rejectedLogProb);
    const share = (values: readonly number[]) => (100 * values.filter((value) => value > 0).length) / values.length;
    const mean = margins.reduce((sum, margin) => sum + margin, 0) / margins.length;
    const variance = margins.reduce((sum, margin) => sum + (margin - mean) ** 2, 0) / (margins.length - 1);
    expect({ score, n }).toEqual({ score: share(margins), n: margins.length });
    const perToken = logProbs.map(
      ({ chosenLogProb, rejectedLogProb, chosenIds, rejectedIds }) =>
        chosenLogProb / chosenIds.length - rejectedLogProb / rejectedIds.length,
    );
    expect(parts).toEqual([
      expect.objectContaining({ name: 'per token', score: share(perToken) }),
      {
        name: 'margin',
        unit: 'nats',
        score: expect.closeTo(mean, 4) as number,
        standardError: expect.closeTo(Math.sqrt(variance / margins.length), 4) as number,
        n: margins.length,
      },
    ]);
    items.forEach(({ id, response, verdict }, index) => {
      expect(id).toEqual({ row: index });
      expect(response).toBeNull();
      expect(verdict!.margin).toBeCloseTo(margins[index]!, 4);
    });
  });

  test('needs a model', async () => {
    await expect(evaluate(['x'], 'preference_accuracy', { data: pairs })).rejects.toThrow(
      'Preference accuracy compares log-probabilities, which only a model that is loaded here gives',
    );
  });
});

describe('multiple choice', () => {
  test('chooses the likeliest option, and the likeliest per character', () => {
    const row = benchmarks.multiple_choice;
    const question = {
      split: 'multiple-choice',
      id: '0',
      benchmark: '',
      context: 'C',
      prompt: 'P',
      options: ['ab', 'abcdefgh'],
      target: 1,
    } as const;
    expect(row.candidates(question)).toEqual({
      prompt: 'C\nP\n',
      conversation: [{ role: 'user', content: 'C\nP' }],
      responses: ['ab', 'abcdefgh'],
    });
    const scored = row.compare(question, [
      { logProb: -4, tokens: 1, characters: 2 },
      { logProb: -8, tokens: 4, characters: 8 },
    ]);
    expect(scored).toEqual({
      score: 0,
      parts: [{ name: 'per character', score: 1 }],
      verdict: { chosen: 0, target: 1, logProbs: [-4, -8] },
    });
  });

  test("scores a model's choices from rows of other programs", async () => {
    const file = path.join(folder, 'questions.jsonl');
    const question = 'where is the lamp ?';
    const choices = ['at the farm', 'it is at the mill'];
    const rows = [
      { question, choices, answer: 'A' },
      { id: 'second', prompt: question, options: choices, target: [1], benchmark_name: 'lamps' },
    ];
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
    const { score, items } = await evaluate(model, 'multiple_choice', { data: folder });
    // Both rows ask the same, so exactly one of the two right answers is the likelier.
    expect(score).toBe(50);
    expect(items.map(({ id }) => id)).toEqual([{ id: '0' }, { id: 'second' }]);
    const [first, second] = items.map(({ verdict }) => verdict!.logProbs as number[]);
    expect(first).toEqual(second);
    writeFileSync(file, JSON.stringify({ question, choices }));
    await expect(evaluate(model, 'multiple_choice', { data: file })).rejects.toThrow('Question 0 of');
  });
});

test('a text is put as a message to a model with a chat template, and as it is to another', async () => {
  const asked: unknown[] = [];
  const one: Benchmark<string> = {
    label: 'One',
    measures: 'One question.',
    needs: [],
    generation: {},
    examples: () => ['hello'],
    prompt: (example) => example,
    score: () => 1,
  };
  const generate = (prompts: readonly unknown[]) => {
    asked.push(...prompts);
    return Promise.resolve(prompts.map(() => 'x'));
  };
  await evaluate({ generate }, one);
  await evaluate({ generate, tokenizer: { chatTemplate: {} } }, one);
  expect(asked).toEqual(['hello', [{ role: 'user', content: 'hello' }]]);
});
