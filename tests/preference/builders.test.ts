import { distance } from 'fastest-levenshtein';
import { describe, expect, it } from 'vitest';
import { buildPairsWith, collect, paired, rejected, seedFor } from '../../src/preference/builders/build.js';
import { clair } from '../../src/preference/builders/clair.js';
import { judgeOffPolicy } from '../../src/preference/builders/judgeOffPolicy.js';
import { judgeOnPolicy } from '../../src/preference/builders/judgeOnPolicy.js';
import { datasetIds, type PreferencePair } from '../../src/preference/pair.js';
import type { Judge, RejectedPrompt, Responder, Reviser } from '../../src/preference/responder.js';
import { strongerPreferred } from '../../src/preference/builders/strongerPreferred.js';
import { buildPairs, createWorld, demonstratorResponder, grade, preferencePrompts } from '../../src/world/index.js';

/** Answers with what `write` makes of the prompt and the seed, and keeps the sizes of the batches it was given. */
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
        ? { kind: 'rejected', reason: 'a question' }
        : { kind: 'revised', response: response.toUpperCase(), rationale: 'too quiet' },
    ),
};
const longest: Judge = { name: 'longest', score: (_prompt, response) => Promise.resolve(response.length) };
const echo = responder('echo', (prompt) => prompt);

describe('clair', () => {
  it('prefers the revision to the sample, with the rationale, and reports prompts without a pair in their order', async () => {
    const reported: RejectedPrompt[] = [];
    const prompts = ['a', 'b?', 'C', 'd', 'e', 'f?'];
    const onRejected = (one: RejectedPrompt) => reported.push(one);
    const pairs = await collect(clair({ prompts, policy: echo, reviser: shout, count: 3, seed: 0, onRejected }));
    expect(pairs).toEqual([
      { prompt: 'a', chosen: 'A', rejected: 'a', rationale: 'too quiet' },
      { prompt: 'd', chosen: 'D', rejected: 'd', rationale: 'too quiet' },
      { prompt: 'e', chosen: 'E', rejected: 'e', rationale: 'too quiet' },
    ]);
    expect(reported).toEqual([
      { prompt: 'b?', response: 'b?', reason: 'a question' },
      { prompt: 'C', response: 'C', reason: 'the revision changes nothing' },
    ]);
  });
});

describe('the judged builders', () => {
  const short = responder('short', (prompt) => prompt);
  const long = responder('long', (prompt) => (prompt === 'same' ? prompt : `${prompt} and more`));

  it('choose the response that the judge scores higher, whichever came first', async () => {
    for (const responders of [
      [short, long],
      [long, short],
    ] as const) {
      const pairs = await collect(judgeOffPolicy({ prompts: ['a'], responders, judge: longest, count: 1, seed: 0 }));
      expect(pairs).toEqual([{ prompt: 'a', chosen: 'a and more', rejected: 'a' }]);
    }
  });

  it('report identical texts and ties', async () => {
    const reported: RejectedPrompt[] = [];
    const reversed = responder('reversed', (prompt) => prompt.split('').reverse().join(''));
    const pairs = await collect(
      judgeOffPolicy({
        prompts: ['same', 'aa', 'ab'],
        responders: [short, reversed],
        judge: longest,
        count: 3,
        seed: 0,
        onRejected: (one) => reported.push(one),
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

describe('strongerPreferred', () => {
  it("prefers the stronger responder's response unseen, and reports identical texts", async () => {
    const reported: string[] = [];
    const stronger = responder('stronger', (prompt) => (prompt === 'b' ? 'b' : 'yes'));
    const pairs = await collect(
      strongerPreferred({
        prompts: ['a', 'b', 'c'],
        policy: echo,
        stronger,
        count: 5,
        seed: 0,
        onRejected: ({ reason }) => reported.push(reason),
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
  const always = (prompts: readonly string[]) =>
    Promise.resolve(prompts.map((prompt) => paired({ prompt, chosen: 'good', rejected: 'bad' })));
  function* counting(): Generator<string> {
    for (let number = 0; ; number++) yield String(number);
  }

  it('asks for no more than the batches it needs', async () => {
    const policy = responder('policy', (prompt) => prompt);
    const stronger = responder('stronger', () => 'yes');
    const pairs = await collect(
      strongerPreferred({ prompts: counting(), policy, stronger, count: 25, seed: 0, batchSize: 10 }),
    );
    expect(pairs.map(({ prompt }) => Number(prompt))).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(policy.batches).toEqual([10, 10, 10]);
  });

  it('samples a prompt anew when it comes again', async () => {
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

  it('takes prompts that arrive one by one', async () => {
    async function* arriving() {
      for (const prompt of ['a', 'b']) yield await Promise.resolve(prompt);
    }
    const pairs = await collect(buildPairsWith(always, { prompts: arriving(), count: 2, seed: 0 }));
    expect(pairs.map(({ prompt }) => prompt)).toEqual(['a', 'b']);
  });

  it('stops with the last reason when endless prompts give no pair', async () => {
    const never = (prompts: readonly string[]) =>
      Promise.resolve(prompts.map((prompt) => rejected(prompt, 'too good')));
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

  it('names the responder that gives too few responses', async () => {
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
  const build = (dataset: (typeof datasetIds)[number], options: { count: number; seed: number; batchSize?: number }) =>
    collect(buildPairs(world, dataset, policy, options));

  it.each(datasetIds)('%s has exactly as many pairs as asked for, the same at every batch size', async (dataset) => {
    const pairs = await build(dataset, { count: 150, seed: 3 });
    expect(pairs).toHaveLength(150);
    expect(pairs.filter(({ chosen, rejected: worse }) => chosen === worse)).toEqual([]);
    expect(pairs.every(({ rationale }) => (rationale !== undefined) === (dataset === 'clair'))).toBe(true);
    expect(await build(dataset, { count: 150, seed: 3, batchSize: 7 })).toEqual(pairs);
    expect(await build(dataset, { count: 150, seed: 4 })).not.toEqual(pairs);
  });

  it('draw on the same prompts in the same order, and report each prompt that gave no pair', async () => {
    const pool = preferencePrompts(world, 0);
    const expected = Array.from({ length: 300 }, () => pool.next().value);
    for (const dataset of datasetIds) {
      const unused: RejectedPrompt[] = [];
      const options = { count: 150, seed: 0, onRejected: (one: RejectedPrompt) => unused.push(one) };
      const used = (await collect(buildPairs(world, dataset, policy, options))).map(({ prompt }) => prompt);
      const remaining = new Set([...used, ...unused.map(({ prompt }) => prompt)]);
      const drawn = expected.slice(0, used.length + unused.length);
      expect(new Set(drawn)).toEqual(remaining);
      expect(drawn.filter((prompt) => used.includes(prompt))).toEqual(used);
    }
  });

  it('differ as the paper says: clair is the most contrastive and the most often right, stronger the least contrastive', async () => {
    const measured = await Promise.all(
      datasetIds.map(async (dataset) => {
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
