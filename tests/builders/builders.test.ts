import { distance } from 'fastest-levenshtein';
import { describe, expect, it } from 'vitest';
import { buildPairsWith, type Recipe } from '../../src/builders/buildPairsWith.js';
import { collect } from '../../src/builders/collect.js';
import { clair } from '../../src/builders/clair.js';
import { type PromptOutcome, pairOutcome, skippedOutcome } from '../../src/builders/promptOutcome.js';
import { seedFor } from '../../src/responders/seedFor.js';
import { judgeOffPolicy } from '../../src/builders/judgeOffPolicy.js';
import { judgeOnPolicy } from '../../src/builders/judgeOnPolicy.js';
import { type PreferencePair, type Prompt } from '../../src/pairs/pair.js';
import type { SkippedPrompt } from '../../src/pairs/rows/skipped.js';
import { jupyterDisplay } from '../../src/core/display.js';
import { progressOf } from '../../src/core/followed.js';
import type { Judge, PairJudge, Responder, RespondOptions, Reviser } from '../../src/responders/responder.js';
import { strongerPreferred } from '../../src/builders/strongerPreferred.js';
import {
  buildPairs,
  createWorld,
  demonstratorResponder,
  grade,
  preferencePrompts,
} from '../../src/worlds/village/index.js';
import { gridDatasetIds } from '../../src/datasets/paper.js';

/** Answers with `write(prompt, seed)`, and records the sizes of its batches. */
function responder(name: string, write: (prompt: string, seed: number) => string): Responder & { batches: number[] } {
  const batches: number[] = [];
  return {
    name,
    batches,
    respond: (prompts: readonly string[], { seed }) => {
      batches.push(prompts.length);
      return Promise.resolve(prompts.map((prompt) => write(prompt, seed)));
    },
  };
}

const shout: Reviser = {
  name: 'shout',
  revise: (_prompt, response) =>
    Promise.resolve(
      response.includes('?')
        ? { kind: 'skipped', reason: 'a question' }
        : { kind: 'revised', response: response.toUpperCase(), rationale: 'too quiet' },
    ),
};
const longest: Judge = { name: 'longest', score: (_prompt, response) => Promise.resolve(response.length) };
const echo = responder('echo', (prompt) => prompt);

describe('the progress of a builder', () => {
  const prompts = ['a', 'b?', 'C', 'd', 'e', 'f?'];

  it('counts pairs if their number is given, with the skipped prompts beside', async () => {
    const building = clair({ prompts, policy: echo, reviser: shout, count: 3, batchSize: 1 });
    expect(building[progressOf]()).toEqual({ done: 0, total: 3, unit: 'pairs', metrics: { skipped: 0 } });
    await building.next();
    await building.next();
    expect(building[progressOf]()).toEqual({ done: 2, total: 3, unit: 'pairs', metrics: { skipped: 2 } });
  });

  it('counts prompts if only their number is known', async () => {
    const building = clair({ prompts, policy: echo, reviser: shout, pairsPerPrompt: 2 });
    await collect(building);
    expect(building[progressOf]()).toEqual({ done: 12, total: 12, unit: 'prompts', metrics: { pairs: 6, skipped: 6 } });
    const endless = new Set(prompts);
    expect(clair({ prompts: endless, policy: echo, reviser: shout })[progressOf]().total).toBeUndefined();
  });
});

describe('clair', () => {
  it('prefers the revision to the sample, with the rationale, and reports prompts without a pair in their order', async () => {
    const reported: SkippedPrompt[] = [];
    const prompts = ['a', 'b?', 'C', 'd', 'e', 'f?'];
    const onSkipped = (one: SkippedPrompt) => reported.push(one);
    const pairs = await collect(clair({ prompts, policy: echo, reviser: shout, count: 3, seed: 0, onSkipped }));
    const provenance = { builder: 'clair', seed: 0, models: { policy: 'echo', reviser: 'shout' } };
    expect(pairs).toEqual([
      { prompt: 'a', chosen: 'A', rejected: 'a', rationale: 'too quiet', provenance },
      { prompt: 'd', chosen: 'D', rejected: 'd', rationale: 'too quiet', provenance },
      { prompt: 'e', chosen: 'E', rejected: 'e', rationale: 'too quiet', provenance },
    ]);
    expect(reported).toEqual([
      { prompt: 'b?', response: 'b?', reason: 'the reviser: a question' },
      { prompt: 'C', response: 'C', reason: 'the revision changes nothing' },
    ]);
  });
});

describe('the judged builders', () => {
  const short = responder('short', (prompt) => prompt);
  const long = responder('long', (prompt) => (prompt === 'same' ? prompt : `${prompt} and more`));

  it('choose the response with the higher score in either order', async () => {
    for (const responders of [
      [short, long],
      [long, short],
    ] as const) {
      const pairs = await collect(judgeOffPolicy({ prompts: ['a'], responders, judge: longest, count: 1, seed: 0 }));
      expect(pairs).toEqual([
        {
          prompt: 'a',
          chosen: 'a and more',
          rejected: 'a',
          scores: { chosen: 10, rejected: 1 },
          provenance: {
            builder: 'judge_off_policy',
            seed: 0,
            models: { responder_1: responders[0].name, responder_2: responders[1].name, judge: 'longest' },
          },
        },
      ]);
    }
  });

  it('report identical texts and ties', async () => {
    const reported: SkippedPrompt[] = [];
    const reversed = responder('reversed', (prompt) => prompt.split('').reverse().join(''));
    const pairs = await collect(
      judgeOffPolicy({
        prompts: ['same', 'aa', 'ab'],
        responders: [short, reversed],
        judge: longest,
        count: 3,
        seed: 0,
        onSkipped: (one) => reported.push(one),
      }),
    );
    expect(pairs).toEqual([]);
    expect(reported.map(({ prompt, reason }) => [prompt, reason])).toEqual([
      ['same', 'the judge prefers neither: it scores them 4 and 4'],
      ['aa', 'both responses are the same text'],
      ['ab', 'the judge prefers neither: it scores them 2 and 2'],
    ]);
  });

  it('draw two different samples of the policy on-policy', async () => {
    const policy = responder('policy', (prompt, seed) => prompt + 'x'.repeat(seed % 1000));
    const [pair] = await collect(judgeOnPolicy({ prompts: ['a'], policy, judge: longest, count: 1, seed: 0 }));
    expect(pair!.chosen.length).toBeGreaterThan(pair!.rejected.length);
  });
});

describe('options and parts of the builders', () => {
  const words = (count: number) => Array.from({ length: count }, () => 'word').join(' ');

  it('a response in a row is revised, and the policy answers only the other prompts', async () => {
    const policy = responder('policy', (prompt) => `${prompt} sampled`);
    const prompts = [{ prompt: 'a', response: 'given' }, 'b', { prompt: 'c', response: 'also given' }];
    const pairs = await collect(clair({ prompts, policy, reviser: shout }));
    expect(pairs.map(({ rejected: worse }) => worse)).toEqual(['given', 'b sampled', 'also given']);
    expect(pairs.map(({ provenance }) => provenance!.models.policy)).toEqual(['given', 'policy', 'given']);
    expect(policy.batches).toEqual([1]);
  });

  it('a revision is kept only if the judge scores it above the response, with the scores', async () => {
    const judge = (_prompt: unknown, response: string) => (response === response.toUpperCase() ? 7 : response.length);
    const build = clair({ prompts: ['short', 'a longer text'], policy: echo, reviser: shout, judge });
    expect(await collect(build)).toMatchObject([{ chosen: 'SHORT', scores: { chosen: 7, rejected: 5 } }]);
    expect(build.skipped).toMatchObject([
      {
        response: 'a longer text',
        text: 'A LONGER TEXT',
        reason: 'the judge does not prefer the revision: it scores it 7 and the response 13',
      },
    ]);
  });

  it('the best and the worst of several samples make the pair', async () => {
    const policy: Responder = {
      name: 'policy',
      respond: (prompts, { sample = 0 }) => Promise.resolve(prompts.map(() => words([3, 9, 1, 5][sample]!))),
    };
    const [pair] = await collect(judgeOnPolicy({ prompts: ['a'], policy, judge: longest, samples: 4 }));
    expect(pair).toMatchObject({ chosen: words(9), rejected: words(1) });
    expect(pair!.scores).toEqual({ chosen: words(9).length, rejected: words(1).length });
  });

  it('near-ties give no pair', async () => {
    const responders = [responder('one', () => words(3)), responder('other', (prompt) => `${words(3)}${prompt}`)];
    const build = judgeOffPolicy({ prompts: ['a', 'abcd'], responders, judge: longest, leastMargin: 2 });
    expect(await collect(build)).toMatchObject([{ prompt: 'abcd' }]);
    expect(build.skipped[0]!.reason).toBe('a near-tie: the judge scores them 14 and 15, less than 2 apart');
  });

  it('a judge of pairs compares each with each', async () => {
    const compared: string[] = [];
    const judge: PairJudge = {
      name: 'pairs',
      compare: (_prompt, first, second) => {
        compared.push(`${first}${second}`);
        return Promise.resolve({
          kind: 'compared',
          first: Number(first > second),
          second: Number(second > first),
          consistent: true,
        });
      },
    };
    const policy: Responder = {
      name: 'policy',
      respond: (prompts, { sample = 0 }) => Promise.resolve(prompts.map(() => 'bac'[sample]!)),
    };
    const [pair] = await collect(judgeOnPolicy({ prompts: ['?'], policy, judge, samples: 3 }));
    expect(compared).toEqual(['ba', 'bc', 'ac']);
    expect(pair).toMatchObject({ chosen: 'c', rejected: 'a', scores: { chosen: 1, rejected: 0 } });
  });

  it('pairs with very different lengths are skipped, with both lengths', async () => {
    const stronger = responder('stronger', (prompt) => (prompt === 'long' ? words(40) : 'yes'));
    const build = strongerPreferred({ prompts: ['long', 'fine'], policy: echo, stronger, length: { maxRatio: 2 } });
    expect(await collect(build)).toMatchObject([{ prompt: 'fine' }]);
    expect(build.skipped).toMatchObject([
      { prompt: 'long', reason: expect.stringContaining('199 characters') as string },
    ]);
  });

  it('every prompt is tried pairsPerPrompt times, each time with a fresh sample', async () => {
    const policy = responder('policy', (prompt, seed) => `${prompt} ${seed}`);
    const pairs = await collect(strongerPreferred({ prompts: ['a', 'b'], policy, stronger: echo, pairsPerPrompt: 3 }));
    expect(pairs.map(({ prompt }) => prompt)).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(new Set(pairs.map(({ rejected: sample }) => sample)).size).toBe(6);
  });

  it('a conversation is passed to the policy unchanged and is part of the pair', async () => {
    const conversation = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello?' },
    ];
    const policy: Responder = {
      name: 'policy',
      respond: (prompts) => Promise.resolve(prompts.map((one) => JSON.stringify(one))),
    };
    const [pair] = await collect(clair({ prompts: [conversation], policy, reviser: () => 'Hi.' }));
    expect(pair).toMatchObject({
      prompt: 'Hello?',
      conversation,
      rejected: JSON.stringify(conversation),
      chosen: 'Hi.',
    });
  });

  it('rows without a usable prompt are reported in their order', async () => {
    async function* rows() {
      yield await Promise.resolve({ kind: 'prompt', row: 1, prompt: 'a' } as const);
      yield { kind: 'skipped', row: 2, reason: 'no prompt', text: '{}' } as const;
      yield { kind: 'prompt', row: 3, prompt: 'C' } as const;
    }
    const build = clair({ prompts: rows(), policy: echo, reviser: shout });
    expect((await collect(build)).map(({ prompt }) => prompt)).toEqual(['a']);
    expect(build.skipped).toEqual([
      { row: 2, prompt: '', reason: 'no prompt', text: '{}' },
      { row: 3, prompt: 'C', response: 'C', reason: 'the revision changes nothing' },
    ]);
  });

  it('a refusal of any part skips the prompt, and the report keeps the text', async () => {
    const policy = (prompt: string) => (prompt === 'no' ? { kind: 'skipped' as const, reason: 'too hard' } : prompt);
    const reviser = (_prompt: unknown, response: string) =>
      response === 'odd' ? { kind: 'skipped' as const, reason: 'no marker', text: 'blah' } : response.toUpperCase();
    const build = clair({ prompts: ['no', 'odd', 'yes'], policy, reviser });
    expect(await collect(build)).toMatchObject([{ chosen: 'YES' }]);
    expect(build.skipped).toEqual([
      { prompt: 'no', reason: 'the policy: too hard' },
      { prompt: 'odd', response: 'odd', reason: 'the reviser: no marker', text: 'blah' },
    ]);
  });

  it('provenance has the sum of all tokens, the models, the templates and the time of the last answer', async () => {
    const part = (text: string, hour: number): Responder => ({
      name: 'endpoint',
      concurrency: 2,
      respond: (prompts) =>
        Promise.resolve(
          prompts.map(() => ({
            kind: 'response',
            text,
            model: `model-${hour}`,
            tokens: { input: 10 * hour, output: hour },
            time: `2026-01-01T0${hour}:00:00.000Z`,
          })),
        ),
    });
    const reviser = part('{teacher_reasoning}\nWrong.\n{corrected_student_solution}\nRight.', 2);
    const [pair] = await collect(clair({ prompts: ['a'], policy: part('Left.', 1), reviser, seed: 5 }));
    expect(pair).toMatchObject({ chosen: 'Right.', rejected: 'Left.', rationale: 'Wrong.' });
    expect(pair!.provenance).toEqual({
      builder: 'clair',
      seed: 5,
      models: { policy: 'model-1', reviser: 'model-2' },
      templates: { revise: expect.stringMatching(/^[0-9a-f]{16}$/) as string },
      tokens: { input: 30, output: 3 },
      time: '2026-01-01T02:00:00.000Z',
    });
  });

  it('a signal aborts the building and the requests in progress', async () => {
    const controller = new AbortController();
    let aborted = 0;
    const policy = (prompt: string, { signal }: RespondOptions) =>
      prompt === '0'
        ? 'ready'
        : new Promise<string>((_, reject) =>
            signal!.addEventListener('abort', () => {
              aborted += 1;
              reject(signal!.reason as Error);
            }),
          );
    const prompts = ['0', '1', '2', '3'];
    const build = strongerPreferred({ prompts, policy, stronger: () => 'yes', signal: controller.signal });
    await build.next();
    controller.abort(new Error('enough'));
    await expect(build.next()).rejects.toThrow('enough');
    expect(aborted).toBe(3);
  });
});

describe('responders with a concurrency', () => {
  /** Answers after a time that depends on the prompt, so that later prompts are often ready first. */
  const slow = (concurrency: number) => {
    const seen = { underWay: 0, most: 0, asked: 0 };
    const one: Responder = {
      name: 'slow',
      concurrency,
      respond: async ([prompt]: readonly string[]) => {
        seen.asked += 1;
        seen.most = Math.max(seen.most, (seen.underWay += 1));
        await new Promise((resolve) => setTimeout(resolve, (Number(prompt) * 7) % 20));
        seen.underWay -= 1;
        return [`answer ${prompt!}`];
      },
    };
    return { one, seen };
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

  it('get as many prompts at the same time as they take, and pairs come in the order of their prompts', async () => {
    const { one, seen } = slow(4);
    const pairs = await collect(strongerPreferred({ prompts: numbers(60), policy: one, stronger: () => 'yes' }));
    expect(pairs.map(({ prompt }) => prompt)).toEqual(numbers(60));
    expect(seen.most).toBe(4);
  });

  it('get no more prompts than the count may need', async () => {
    const { one, seen } = slow(8);
    const reviser = (prompt: unknown, response: string) => (Number(prompt) % 3 === 0 ? response : `${response}!`);
    const pairs = await collect(clair({ prompts: numbers(100), policy: one, reviser, count: 10 }));
    expect(pairs).toHaveLength(10);
    // Prompts 0, 3, 6, 9 and 12 gave no pair.
    expect(seen.asked).toBe(15);
  });

  it('yield the pairs before an error of the prompts', async () => {
    async function* breaking() {
      for (const prompt of numbers(5)) yield await Promise.resolve(prompt);
      throw new Error('unplugged');
    }
    const built: string[] = [];
    const build = async () => {
      const pairs = strongerPreferred({ prompts: breaking(), policy: slow(4).one, stronger: () => 'yes' });
      for await (const { prompt } of pairs) built.push(prompt);
    };
    await expect(build()).rejects.toThrow('unplugged');
    expect(built).toEqual(numbers(5));
  });

  it('yield the pairs before an error of a responder', async () => {
    const policy = slow(4).one;
    const stronger = (prompt: string) => {
      if (prompt === '5') throw new Error('down');
      return 'yes';
    };
    const failing: Responder = {
      name: 'failing',
      concurrency: 4,
      respond: ([prompt]) => Promise.resolve().then(() => [stronger(prompt as string)]),
    };
    const built: string[] = [];
    const build = async () => {
      for await (const { prompt } of strongerPreferred({ prompts: numbers(20), policy, stronger: failing }))
        built.push(prompt);
    };
    await expect(build()).rejects.toThrow('down');
    expect(built).toEqual(numbers(5));
  });
});

it('a builder as the value of a cell shows its pairs, which can still be iterated', async () => {
  const build = clair({ prompts: ['a', 'B', 'c'], policy: echo, reviser: shout });
  const bundle = await build[jupyterDisplay]();
  expect(bundle['text/plain']).toContain('2 pairs; 1 prompt gave none');
  expect(bundle['text/html']).toContain('<ins');
  expect(await build[jupyterDisplay]()).toEqual(bundle);
  expect((await collect(build)).map(({ chosen }) => chosen)).toEqual(['A', 'C']);
});

describe('strongerPreferred', () => {
  it("prefers the stronger responder's response without a judge, and reports identical texts", async () => {
    const reported: string[] = [];
    const stronger = responder('stronger', (prompt) => (prompt === 'b' ? 'b' : 'yes'));
    const pairs = await collect(
      strongerPreferred({
        prompts: ['a', 'b', 'c'],
        policy: echo,
        stronger,
        count: 5,
        seed: 0,
        onSkipped: ({ reason }) => reported.push(reason),
      }),
    );
    expect(pairs.map(({ chosen, rejected: worse }) => [chosen, worse])).toEqual([
      ['yes', 'a'],
      ['yes', 'c'],
    ]);
    expect(reported).toEqual(['both responses are the same text']);
  });
});

describe('every builder', () => {
  const recipe = (outcome: (prompt: Prompt) => PromptOutcome): Recipe => ({
    builder: 'clair',
    parts: [{}],
    makeOutcomes: (prompts) => Promise.resolve(prompts.map(({ prompt }) => outcome(prompt))),
  });
  const always = recipe((prompt) => pairOutcome(prompt, { chosen: 'good', rejected: 'bad' }));
  function* counting(): Generator<string> {
    for (let number = 0; ; number++) yield String(number);
  }

  it('runs no more batches than it needs', async () => {
    const policy = responder('policy', (prompt) => prompt);
    const stronger = responder('stronger', () => 'yes');
    const pairs = await collect(
      strongerPreferred({ prompts: counting(), policy, stronger, count: 25, seed: 0, batchSize: 10 }),
    );
    expect(pairs.map(({ prompt }) => Number(prompt))).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(policy.batches).toEqual([10, 10, 10]);
  });

  it('gives a repeated prompt a new sample', async () => {
    const policy = responder('policy', (prompt, seed) => `${prompt} ${seed}`);
    const prompts = ['a', 'b', 'a', 'a'];
    const build = (batchSize: number) =>
      collect(strongerPreferred({ prompts, policy, stronger: echo, count: 4, seed: 1, batchSize }));
    const pairs = await build(4);
    expect(pairs.map(({ prompt }) => prompt)).toEqual(prompts);
    expect(new Set(pairs.map(({ rejected: sample }) => sample)).size).toBe(4);
    expect(await build(1)).toEqual(pairs);
  });

  it('gives nothing and reads nothing for a count of 0', async () => {
    const unread = {
      [Symbol.iterator]: (): Iterator<string> => {
        throw new Error('prompts were read');
      },
    };
    expect(await collect(buildPairsWith(always, { prompts: unread, count: 0, seed: 0 }))).toEqual([]);
  });

  it('takes prompts from an async iterable', async () => {
    async function* arriving() {
      for (const prompt of ['a', 'b']) yield await Promise.resolve(prompt);
    }
    const pairs = await collect(buildPairsWith(always, { prompts: arriving(), count: 2, seed: 0 }));
    expect(pairs.map(({ prompt }) => prompt)).toEqual(['a', 'b']);
  });

  it('stops with the last reason when endless prompts give no pair', async () => {
    const never = recipe((prompt) => skippedOutcome(prompt, 'too good'));
    await expect(collect(buildPairsWith(never, { prompts: counting(), count: 5, seed: 0 }))).rejects.toThrow(
      /last 2000 prompts gave no pair \(0 of 5 were built\).*too good/,
    );
  });

  it.each([
    [{ count: -1 }, /count must be a whole number of at least 0; given: -1/],
    [{ count: 1.5 }, /given: 1.5/],
    [{ count: 1, batchSize: 0 }, /batchSize must be a whole number of at least 1; given: 0/],
  ])('refuses %j', async (options, message) => {
    await expect(collect(buildPairsWith(always, { prompts: ['a'], seed: 0, ...options }))).rejects.toThrow(message);
  });

  it('names a responder that gives too few responses', async () => {
    const lazy: Responder = { name: 'lazy', respond: () => Promise.resolve(['only one']) };
    const build = clair({ prompts: ['a', 'b'], policy: lazy, reviser: shout, count: 2, seed: 0 });
    await expect(collect(build)).rejects.toThrow(/'lazy' gave 1 responses to 2 prompts/);
  });

  it('gives every use of a seed a seed of its own', () => {
    const seeds = [0, 1, 2].flatMap((seed) => ['policy', 'reviser', 0, 1].map((use) => seedFor(seed, use)));
    expect(new Set(seeds).size).toBe(12);
  });
});

describe("the miniature world's datasets", () => {
  const world = createWorld(0);
  const policy = demonstratorResponder(world, 'novice');
  const build = (
    dataset: (typeof gridDatasetIds)[number],
    options: { count: number; seed: number; batchSize?: number },
  ) => collect(buildPairs(world, dataset, policy, options));

  it.each(gridDatasetIds)(
    '%s has exactly as many pairs as asked for, the same at every batch size',
    async (dataset) => {
      const pairs = await build(dataset, { count: 150, seed: 3 });
      expect(pairs).toHaveLength(150);
      expect(pairs.filter(({ chosen, rejected: worse }) => chosen === worse)).toEqual([]);
      expect(pairs.every(({ rationale }) => (rationale !== undefined) === (dataset === 'clair'))).toBe(true);
      expect(await build(dataset, { count: 150, seed: 3, batchSize: 7 })).toEqual(pairs);
      expect(await build(dataset, { count: 150, seed: 4 })).not.toEqual(pairs);
    },
  );

  it('draw on the same prompts in the same order, and report each prompt that gave no pair', async () => {
    const pool = preferencePrompts(world, 0);
    const expected = Array.from({ length: 300 }, () => pool.next().value);
    for (const dataset of gridDatasetIds) {
      const unused: SkippedPrompt[] = [];
      const options = { count: 150, seed: 0, onSkipped: (one: SkippedPrompt) => unused.push(one) };
      const used = (await collect(buildPairs(world, dataset, policy, options))).map(({ prompt }) => prompt);
      const remaining = new Set([...used, ...unused.map(({ prompt }) => prompt)]);
      const drawn = expected.slice(0, used.length + unused.length);
      expect(new Set(drawn)).toEqual(remaining);
      expect(drawn.filter((prompt) => used.includes(prompt))).toEqual(used);
    }
  });

  it('differ as the paper says: clair is the most contrastive and the most often right, stronger the least contrastive', async () => {
    const measured = await Promise.all(
      gridDatasetIds.map(async (dataset) => {
        const pairs = await build(dataset, { count: 400, seed: 0 });
        return {
          dataset,
          jaccard: meanOf(pairs, ({ chosen, rejected: worse }) => jaccard(chosen, worse)),
          levenshtein: meanOf(pairs, ({ chosen, rejected: worse }) => distance(chosen, worse)),
          chosenRight: meanOf(pairs, ({ prompt, chosen }) => Number(grade(world, prompt, chosen).correct)),
          rejectedRight: meanOf(pairs, (pair) => Number(grade(world, pair.prompt, pair.rejected).correct)),
        };
      }),
    );
    const byId = Object.fromEntries(measured.map((row) => [row.dataset, row]));
    const orderBy = (value: (row: (typeof measured)[number]) => number) =>
      [...measured].sort((a, b) => value(a) - value(b)).map(({ dataset }) => dataset);
    expect(orderBy(({ jaccard: similar }) => -similar)[0]).toBe('clair');
    expect(orderBy(({ jaccard: similar }) => -similar)[3]).toBe('stronger_preferred');
    expect(orderBy(({ levenshtein }) => levenshtein)[0]).toBe('clair');
    expect(orderBy(({ levenshtein }) => levenshtein)[3]).toBe('stronger_preferred');
    expect(byId.clair!.jaccard).toBeGreaterThan(2 * byId.judge_on_policy!.jaccard);
    expect(byId.stronger_preferred!.levenshtein).toBeGreaterThan(2 * byId.judge_off_policy!.levenshtein);
    for (const { chosenRight, rejectedRight } of measured) expect(chosenRight).toBeGreaterThan(rejectedRight + 0.15);
    expect(byId.clair!.chosenRight).toBeGreaterThan(0.93);
    expect(byId.stronger_preferred!.chosenRight).toBeGreaterThan(0.93);
    expect(byId.judge_on_policy!.chosenRight).toBeLessThan(0.85);
  });
});

function meanOf(pairs: readonly PreferencePair[], measure: (pair: PreferencePair) => number): number {
  return pairs.reduce((sum, pair) => sum + measure(pair), 0) / pairs.length;
}

/** Words in both texts among the words in either. */
function jaccard(one: string, other: string): number {
  const [ones, others] = [new Set(one.split(' ')), new Set(other.split(' '))];
  const shared = [...ones].filter((word) => others.has(word)).length;
  return shared / (ones.size + others.size - shared);
}
