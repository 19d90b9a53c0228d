/** Scores of models, responders and ready responses on a benchmark. */
import { describe, expect, test } from 'vitest';

import { jupyterDisplay } from '../../src/core/display.js';
import {
  benchmarks,
  evaluate,
  scoreOf,
  standardErrorOf,
  type Benchmark,
  type ResponseBenchmark,
} from '../../src/evaluation/index.js';
import type { Responder } from '../../src/responders/responder.js';
import { createWorld, demonstratorResponder, hardPrompts, score } from '../../src/worlds/village/index.js';

interface Sum {
  readonly question: string;
  readonly answer: number;
}

/** Sums of two digits: 1 for the right number, 0.5 for one beside it. The judge of the answers is asynchronous. */
const sums = {
  label: 'Sums',
  measures: 'Whether small sums are right.',
  needs: [],
  generation: { maxNewTokens: 4 },
  examples: ({ count = 4 }) =>
    Array.from({ length: count }, (_, index) => ({ question: `${index} + 1 ?`, answer: index + 1 })),
  prompt: ({ question }) => question,
  score: ({ answer }, response) => {
    const distance = Math.abs(Number(response) - answer);
    const grade = distance === 0 ? 1 : distance === 1 ? 0.5 : 0;
    return Promise.resolve(grade === 1 ? grade : { score: grade, reason: `off by ${distance}` });
  },
} satisfies ResponseBenchmark<Sum, { readonly count?: number }>;

describe('the score', () => {
  test('of ready responses is their mean, with the standard error of that mean', async () => {
    // Item scores 1, 0.5, 0, 1: mean 0.625, squared deviations 0.140625 + 0.015625 + 0.390625 + 0.140625 = 0.6875.
    const { score, standardError, refused, items } = await evaluate(['1', '3', '9', '4'], sums);
    expect(score).toBe(62.5);
    expect(standardError).toBeCloseTo(100 * Math.sqrt(0.6875 / 3 / 4), 12);
    expect(refused).toBe(0);
    expect(items).toEqual([
      { prompt: '0 + 1 ?', response: '1', score: 1 },
      { prompt: '1 + 1 ?', response: '3', score: 0.5, reason: 'off by 1' },
      { prompt: '2 + 1 ?', response: '9', score: 0, reason: 'off by 6' },
      { prompt: '3 + 1 ?', response: '4', score: 1 },
    ]);
  });

  test('of 0 and 1 has the binomial standard error, with n - 1', () => {
    const itemScores = [0, 1, 1, 0, 1, 1, 1, 0, 1, 1];
    expect(scoreOf(itemScores)).toBe(70);
    expect(standardErrorOf(itemScores)).toBeCloseTo(100 * Math.sqrt((0.7 * 0.3) / 9), 12);
  });

  test('of a single item has no standard error', async () => {
    const { score, standardError } = await evaluate(['1'], sums, { count: 1 });
    expect({ score, standardError }).toEqual({ score: 100, standardError: null });
  });

  test('of equal items has a standard error of 0', () => {
    expect(standardErrorOf([0.25, 0.25, 0.25])).toBe(0);
  });
});

describe('ready responses', () => {
  test('must be one per example', async () => {
    await expect(evaluate(['1', '2', '3'], sums)).rejects.toThrow(
      '3 responses were given for 4 examples; give one response per example, in their order.',
    );
  });

  test('may be refusals', async () => {
    const refusal = { kind: 'skipped', reason: 'no key' } as const;
    const { score, refused, items } = await evaluate(['1', refusal], sums, { count: 2 });
    expect({ score, refused }).toEqual({ score: 50, refused: 1 });
    expect(items[1]).toEqual({ prompt: '1 + 1 ?', response: null, score: 0, reason: 'no key', refused: true });
  });
});

describe('a responder', () => {
  const asked: { prompts: readonly unknown[]; temperature: number; maxTokens: number | undefined }[] = [];
  const calculator = (more: Partial<Responder> = {}): Responder => ({
    name: 'calculator',
    respond: (prompts, { temperature, maxTokens }) => {
      asked.push({ prompts, temperature, maxTokens });
      return Promise.resolve(prompts.map((prompt) => String(Number((prompt as string).split(' ')[0]) + 1)));
    },
    ...more,
  });

  test('answers batches, greedily, with the length of the benchmark', async () => {
    asked.length = 0;
    const { score } = await evaluate(calculator(), sums, { count: 5, batchSize: 2 });
    expect(score).toBe(100);
    expect(asked.map(({ prompts }) => prompts.length)).toEqual([2, 2, 1]);
    for (const { temperature, maxTokens } of asked)
      expect({ temperature, maxTokens }).toEqual({ temperature: 0, maxTokens: 4 });
  });

  test('with a concurrency answers one prompt per call, and the items keep the order of the examples', async () => {
    let [running, most] = [0, 0];
    const slow = calculator({
      concurrency: 3,
      respond: async ([prompt]) => {
        most = Math.max(most, (running += 1));
        const index = Number((prompt as string).split(' ')[0]);
        await new Promise((resolve) => setTimeout(resolve, 20 - 4 * index));
        running -= 1;
        return [String(index + 1)];
      },
    });
    const { score, items } = await evaluate(slow, sums, { count: 5 });
    expect(score).toBe(100);
    expect(items.map(({ prompt }) => prompt)).toEqual(['0 + 1 ?', '1 + 1 ?', '2 + 1 ?', '3 + 1 ?', '4 + 1 ?']);
    expect(most).toBe(3);
  });

  test('that refuses scores 0 for that item, which shows the reason', async () => {
    const shy = calculator({
      respond: (prompts) =>
        Promise.resolve(
          prompts.map((prompt) => (prompt === '1 + 1 ?' ? { kind: 'skipped', reason: 'too hard' } : '1')),
        ),
    });
    const { score, refused, items } = await evaluate(shy, sums, { count: 2 });
    expect({ score, refused }).toEqual({ score: 50, refused: 1 });
    expect(items[1]).toEqual({ prompt: '1 + 1 ?', response: null, score: 0, reason: 'too hard', refused: true });
  });

  test('can be a function of one prompt; what it throws is the reason', async () => {
    function half(prompt: string) {
      if (prompt.startsWith('0')) return '1';
      throw new Error('out of fingers');
    }
    const { score, items } = await evaluate(half, sums, { count: 2 });
    expect(score).toBe(50);
    expect(items[1]).toMatchObject({ response: null, reason: "'half' threw Error: out of fingers" });
  });

  test('stops with the signal', async () => {
    const stop = new AbortController();
    const stopping = calculator({
      respond: (prompts) => {
        stop.abort(new Error('enough'));
        return Promise.resolve(prompts.map(() => '1'));
      },
    });
    await expect(evaluate(stopping, sums, { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('a model', () => {
  test('answers in batches with the generation options of the benchmark', async () => {
    const calls: [number, unknown][] = [];
    const model = {
      generate: (prompts: readonly unknown[], options: unknown) => {
        calls.push([prompts.length, options]);
        return Promise.resolve(prompts.map(() => '1'));
      },
    };
    const { score } = await evaluate(model, sums, { batchSize: 3 });
    // 1 of 4 is right and 1 is off by one: 1 + 0.5.
    expect(score).toBe(37.5);
    expect(calls).toEqual([
      [3, { maxNewTokens: 4 }],
      [1, { maxNewTokens: 4 }],
    ]);
  });
});

describe('errors', () => {
  test('propose the nearest benchmark', async () => {
    await expect(evaluate(['a'], 'vilage_hard' as 'village_hard')).rejects.toThrow(
      /'vilage_hard' is .* benchmark; did you mean 'village_hard'\? Known: village_hard, /,
    );
    await expect(evaluate(['a'], 'toString' as 'village_hard')).rejects.toThrow(/Known: village_hard/);
  });

  test('name a score that is not from 0 to 1', async () => {
    for (const wrong of [1.5, -0.1, Number.NaN]) {
      const broken = { ...sums, score: () => wrong };
      await expect(evaluate(['1'], broken, { count: 1 })).rejects.toThrow(
        `Sums gave a response the score ${wrong}; a score is a number from 0 to 1.`,
      );
    }
  });

  test('say that there is no example, or that the batch size is wrong', async () => {
    await expect(evaluate([], sums, { count: 0 })).rejects.toThrow('Sums has no example for these options');
    await expect(evaluate(['1'], sums, { batchSize: 0 })).rejects.toThrow('batchSize must be a whole number');
  });
});

describe('in a notebook', () => {
  test('shows score, standard error and the first items, escaped', async () => {
    const answers = ['<b>1</b>', { kind: 'skipped', reason: 'no key' } as const, ...Array<string>(10).fill('1')];
    const evaluation = await evaluate(answers, sums, { count: 12 });
    const shown = evaluation[jupyterDisplay]() as Record<string, string>;
    expect(shown['text/plain']).toMatch(/^Sums: 0\.0 of 100, standard error 0\.0, 12 items, 1 refused\n/);
    expect(shown['text/plain']).toContain('(refused)  (no key)');
    expect(shown['text/plain']).toContain('2 more in items');
    expect(shown['text/html']).toContain('&lt;b&gt;1&lt;/b&gt;');
    expect(shown['text/html']!.match(/<details>/g)).toHaveLength(12);
    expect(Object.keys(evaluation)).toEqual([
      'benchmark',
      'score',
      'standardError',
      'n',
      'refused',
      'undecided',
      'parts',
      'items',
    ]);
  });
});

describe("the village's hard split", () => {
  test('needs nothing and scores as the village does', async () => {
    const world = createWorld(1);
    const prompts = hardPrompts(world, 'validation', 60);
    const novice = demonstratorResponder(world, 'novice');
    const responses = (await novice.respond(prompts, { temperature: 0, seed: 0 })) as string[];
    const options = { seed: 1, split: 'validation', count: 60 } as const;
    const evaluation = await evaluate(responses, 'village_hard', options);
    expect(evaluation.score).toBe(score(world, prompts, responses).score);
    expect(evaluation.items.map((item) => item.prompt)).toEqual(prompts);
    expect(await evaluate(novice, benchmarks.village_hard, options)).toMatchObject({ score: evaluation.score });
    expect(benchmarks.village_hard.needs).toEqual([]);
  });

  test('is 320 questions of the test split of village 0 by default', async () => {
    const { items } = await evaluate(Array<string>(320).fill(''), 'village_hard');
    expect(items.map(({ prompt }) => prompt)).toEqual(hardPrompts(createWorld(0), 'test', 320));
  });
});

describe('the types', () => {
  test('refuse a benchmark without one of its fields, and an option that it does not have', () => {
    const unscored = {
      label: 'Nothing',
      measures: 'Nothing.',
      needs: [],
      generation: {},
      examples: () => ['?'],
      prompt: () => '?',
    };
    // @ts-expect-error a benchmark without `score` does not compile
    const incomplete: Benchmark<string> = unscored;
    const rows = { unscored };
    // @ts-expect-error nor does a row of the table
    const table = rows satisfies Record<string, Benchmark>;
    // @ts-expect-error `village_hard` has no option `pages`
    const wrong = () => evaluate([], 'village_hard', { pages: 3 });
    // @ts-expect-error there is no benchmark of this id
    const unknown = () => evaluate([], 'village_easy');
    expect([incomplete, table, wrong, unknown]).toHaveLength(4);
  });

  test('ask for options only if a benchmark requires one', () => {
    const fromFile: Benchmark<string, { readonly file: string }> = {
      ...sums,
      examples: () => [],
      prompt: () => '',
      score: () => 1,
    };
    // @ts-expect-error the file is missing
    const wrong = () => evaluate([], fromFile);
    const right = () => evaluate([], fromFile, { file: 'mine.jsonl' });
    expect([wrong, right]).toHaveLength(2);
  });
});
