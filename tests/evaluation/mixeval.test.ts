/** MixEval: prompts, rules, judge and files. Verdicts follow from the official parser's rules; the questions are written for this file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { evaluate, readResponses } from '../../src/evaluation/index.js';
import { promptOf } from '../../src/evaluation/mixeval/prompts.js';
import { containsAnswer, optionOf } from '../../src/evaluation/mixeval/rules.js';
import type { Prompt } from '../../src/pairs/pair.js';

const options = ['the mill', 'the well', 'the bridge'];

describe('the option of a response', () => {
  test.each([
    ['B', 'B'],
    ['B.', 'B'],
    ["'C'", 'C'],
    ['The answer is B. It is the well.', 'B'],
    ['(C) is right, not (A)', 'C'],
    ['\nA\nbecause', 'A'],
    ['I choose **B. the well**', 'B'],
    ['It is **C **', 'C'],
    ['A bridge? No: B', 'A'],
    // A letter in bold that nothing else surrounds is no naming, nor is one before a colon.
    ['**D** it', undefined],
    ['B: the well', undefined],
    // Without a letter the option's text counts, in more than five words.
    ['people of the village meet at The Well every day', 'B'],
    ['it was the bridge, then the mill that burned down', 'C'],
    ['at the well', undefined],
    ['', undefined],
    ['none of them is what they are looking for', undefined],
  ])('%j is %s', (response, option) => {
    expect(optionOf(response, options)).toBe(option);
  });
});

describe('a free-form response', () => {
  test.each([
    ['367', ['367'], true],
    ['The answer is 367.', ['367'], true],
    ['3,670.00', ['3670'], true],
    ['It costs 3,670 coins', ['3670'], true],
    ['about 1.234 of them', ['1.23'], true],
    ['x = 12', ['12'], true],
    ['so it was in the mill', ['The Mill'], true],
    ['The Mill, of course', ['mill'], true],
    ['well, it is the bridge', ['mill'], false],
    // Key phrases are taken line by line; the part before `is` does not count.
    ['The mill is old', ['mill'], false],
    ['mill\nThe answer is the bridge', ['mill'], false],
    // A number is compared as a whole, and a single character beside a space.
    ['the answer is 1367', ['367'], false],
    ['it is option b here', ['B'], true],
    ['it is abc', ['B'], false],
    ['6e2', ['600'], true],
    ['', ['mill'], false],
  ])('%j for %j is right: %s', (response, targets, right) => {
    expect(containsAnswer(response, targets)).toBe(right);
  });
});

const free = {
  split: 'free-form',
  id: '0',
  benchmark: 'DROP',
  context: '',
  prompt: 'Where?',
  targets: ['mill'],
} as const;

describe('the prompt', () => {
  test('has context, question and instruction', () => {
    expect(promptOf(free)).toBe('Question: Where?\nAnswer the question shortly.');
    expect(promptOf({ ...free, context: 'It burned.', benchmark: 'GSM8k' })).toBe(
      "Question: It burned.\nWhere?\nAnswer the question. \nLet's think step by step.",
    );
    expect(promptOf({ ...free, split: 'multiple-choice', options, target: 1, context: 'It burned.' })).toBe(
      'It burned.\nWhere?\nA. the mill\nB. the well\nC. the bridge\nAnswer with the option letter from the given choices directly.',
    );
  });
});

describe('the benchmark', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mixeval-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(path.join(folder, 'mixeval-hard'));
  const write = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const common = { context: null, benchmark_name: 'Village' };
  write(
    'mixeval-hard/free-form.json',
    JSON.stringify({
      0: { ...common, prompt: 'How many?', target: ['4', 'four'] },
      1: { ...common, context: 'none', prompt: 'Where?', target: ['the mill'], benchmark_name: 'Places' },
    }),
  );
  write(
    'mixeval-hard/multiple-choice.json',
    JSON.stringify({
      0: { ...common, prompt: 'Where?', options, target: [1] },
      1: { ...common, prompt: 'What?', options, target: [2] },
    }),
  );
  const rows = [
    { split: 'multiple-choice', id: '1', response: '**C**' },
    { split: 'free-form', id: '0', response: 'There are four of them' },
    { split: 'free-form', id: 1, response: 'at the well' },
    { split: 'multiple-choice', id: '0', response: 'B' },
  ];
  const file = write('responses.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));

  test('scores both splits by rule; what the official parser draws by lot is undecided', async () => {
    const result = await evaluate(await readResponses(file), 'mixeval_hard', { data: folder });
    expect(result).toMatchObject({ score: 50, n: 4, undecided: 1, refused: 0 });
    expect(result.items.map(({ id, verdict }) => ({ ...id, ...verdict }))).toEqual([
      { split: 'free-form', id: '0', parsed: null, correct: true },
      { split: 'multiple-choice', id: '0', parsed: 'B', correct: true },
      { split: 'free-form', id: '1', parsed: null, correct: false },
      { split: 'multiple-choice', id: '1', parsed: null, correct: null },
    ]);
    expect(result.parts.map(({ name, score, n }) => [name, score, n])).toEqual([
      ['free-form', 50, 2],
      ['Village', expect.closeTo(200 / 3, 10) as number, 3],
      ['multiple-choice', 50, 2],
      ['Places', 0, 1],
    ]);
  });

  test('with a judge takes its score in tenths and its option; what the judge does not say is undecided', async () => {
    const judge = (prompt: Prompt) => {
      const text = (prompt as readonly { readonly content: string }[])[0]!.content;
      if (text.includes('<right_answers>\n- 4\n- four\n</right_answers>')) return 'Nearly.\n{score}: 0.7';
      if (text.includes('- the mill')) return '{score}: 7';
      return text.includes('**C**') ? 'The letter in bold.\n{option}: C' : 'No idea.\n{option}: none';
    };
    const result = await evaluate(await readResponses(file), 'mixeval_hard', { data: folder, judge });
    expect(result.items.map(({ score, undecided = false, verdict }) => [score, undecided, verdict])).toEqual([
      [0.7, false, { parsed: null, correct: false }],
      [0, true, { parsed: null, correct: null }],
      [0, true, { parsed: null, correct: null }],
      [1, false, { parsed: 'C', correct: true }],
    ]);
    expect(result.score).toBeCloseTo(42.5, 12);
    expect(result.items[2]!.reason).toMatch(/^the judge: the score 7 is not on the scale from 0 to 1/);
  });

  test('names the question that is wrong', async () => {
    write('multiple-choice.json', JSON.stringify({ 7: { ...common, prompt: '?', options, target: [5] } }));
    write('free-form.json', JSON.stringify({ 0: { ...common, prompt: '?', target: ['x'] } }));
    await expect(evaluate(['x'], 'mixeval', { data: folder })).rejects.toThrow(
      /Question 7 of .*multiple-choice\.json must have a target: the index of the one right option/,
    );
  });
});
