/** What users may give as a responder, a reviser or a judge. */
import { describe, expect, it } from 'vitest';
import { asJudge } from '../../src/responders/judges/asJudge.js';
import { asPairJudge } from '../../src/responders/judges/asPairJudge.js';
import { asResponder } from '../../src/responders/asResponder.js';
import { asReviser } from '../../src/responders/revisers/asReviser.js';
import type { Judge, PairJudge, Responder, Reviser } from '../../src/responders/responder.js';

const options = { temperature: 1, seed: 5 };
const responder: Responder = {
  name: 'own',
  respond: (prompts) =>
    Promise.resolve(prompts.map(() => 'Hm.\n{corrected_student_solution}\nIt is 4.\n\n{teacher_reasoning}\nscore: 9')),
};
const reviser: Reviser = { name: 'own', revise: () => Promise.resolve({ kind: 'skipped', reason: 'lazy' }) };
const judge: Judge = { name: 'own', score: () => Promise.resolve(3) };

describe('an object with the method', () => {
  it('is used as it is', () => {
    const pairJudge: PairJudge = {
      name: 'own',
      compare: () => Promise.resolve({ kind: 'skipped', reason: 'lazy' }),
    };
    expect(asResponder(responder)).toBe(responder);
    expect(asReviser(reviser)).toBe(reviser);
    expect(asJudge(judge)).toBe(judge);
    expect(asPairJudge(pairJudge)).toBe(pairJudge);
  });

  it('is asked with a template if it is a responder', async () => {
    expect(await asReviser(responder).revise('2 + 2?', '5', 0)).toEqual({
      kind: 'revised',
      response: 'It is 4.',
      rationale: 'Hm.\n\nscore: 9',
    });
    expect(await asJudge(responder).score('2 + 2?', '5', 0)).toMatchObject({ kind: 'score', score: 9 });
  });
});

describe('a function', () => {
  it('answers, revises and scores, synchronously or not, with or without an origin', async () => {
    const given: unknown[] = [];
    const answer = asResponder((prompt: string, { seed }) => {
      given.push(prompt, seed);
      return prompt.toUpperCase();
    });
    expect(await answer.respond(['a', 'b'], options)).toEqual(['A', 'B']);
    expect(given).toEqual(['a', 5, 'b', 5]);
    const whole = { kind: 'response', text: 'A', model: 'm' } as const;
    expect(await asResponder(() => Promise.resolve(whole)).respond(['a'], options)).toEqual([whole]);

    const revise = asReviser((_, response) => Promise.resolve(`${response}!`));
    expect(await revise.revise('a', 'b', 0)).toEqual({ kind: 'revised', response: 'b!', rationale: '' });
    const revision = { kind: 'revised', response: 'c', rationale: 'why' } as const;
    expect(await asReviser(() => revision).revise('a', 'b', 0)).toEqual(revision);

    expect(await asJudge((_, response) => response.length).score('a', 'bcd', 0)).toBe(3);
    const score = { kind: 'score', score: 2, reason: 'short' } as const;
    expect(await asJudge(() => Promise.resolve(score)).score('a', 'b', 0)).toEqual(score);
  });

  it('is called with the prompt, the response, the seed and the signal', async () => {
    const calls: unknown[][] = [];
    const keep = (...given: unknown[]) => {
      calls.push(given);
      return { kind: 'skipped', reason: 'no' } as const;
    };
    const { signal } = new AbortController();
    await asReviser(keep).revise('a', 'b', 7, signal);
    await asJudge(keep).score('c', 'd', 8, signal);
    expect(calls).toEqual([
      ['a', 'b', 7, signal],
      ['c', 'd', 8, signal],
    ]);
  });

  it('has its own name, or a default, and 16 calls at the same time', () => {
    function myModel(): string {
      return '';
    }
    expect(asResponder(myModel)).toMatchObject({ name: 'myModel', concurrency: 16 });
    expect(asReviser(() => '')).toMatchObject({ name: 'function', concurrency: 16 });
    expect(asJudge(() => 0)).toMatchObject({ name: 'function', concurrency: 16 });
  });

  it('skips one item if it throws, and ends a run that was aborted', async () => {
    const picky = (prompt: unknown): string => {
      if (prompt === 'b') throw new Error('no b');
      return 'fine';
    };
    const refusal = { kind: 'skipped', reason: "'picky' threw Error: no b" };
    expect(await asResponder(picky).respond(['a', 'b', 'c'], options)).toEqual(['fine', refusal, 'fine']);
    expect(await asReviser(picky).revise('b', '', 0)).toEqual(refusal);
    const later = (prompt: unknown) => Promise.resolve(prompt).then((given) => picky(given).length);
    expect(await asJudge(later).score('b', '', 0)).toEqual({ ...refusal, reason: "'later' threw Error: no b" });
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(asResponder(picky).respond(['b'], { ...options, signal })).rejects.toThrow('no b');
  });

  it('skips one item if it gives a value of the wrong type', async () => {
    const wrong = (value: unknown) => (() => value) as () => never;
    expect(await asResponder(wrong(undefined)).respond(['a'], options)).toEqual([
      { kind: 'skipped', reason: "'function' gave undefined; expected a text" },
    ]);
    expect(await asReviser(wrong(5)).revise('a', 'b', 0)).toEqual({
      kind: 'skipped',
      reason: "'function' gave 5; expected the revised text, or a revision with its response and rationale",
    });
    expect(await asReviser(wrong({ kind: 'revised', response: 'x' })).revise('a', 'b', 0)).toMatchObject({
      kind: 'skipped',
      reason: expect.stringContaining('a value of type object') as string,
    });
    for (const [value, shown] of [
      [NaN, 'NaN'],
      [Infinity, 'Infinity'],
      [null, 'null'],
      ['7', 'a value of type string'],
      [{ kind: 'score', score: NaN }, 'NaN'],
    ] as const) {
      const reason = `'function' gave ${shown}; expected a number`;
      expect(await asJudge(wrong(value)).score('a', 'b', 0)).toEqual({ kind: 'skipped', reason });
    }
  });
});

it.each([
  [asResponder, 'a value of type string is not a responder. Give an object with respond(prompts, options),'],
  [asReviser, 'a value of type string is not a reviser. Give an object with revise(prompt, response, seed),'],
  [asJudge, 'a value of type string is not a judge. Give an object with score(prompt, response, seed),'],
])('any other value is refused with what is expected (%#)', (as, message) => {
  expect(() => as('gpt' as never)).toThrow(message);
  expect(() => as(null as never)).toThrow('null is not a ');
  expect(() => as({ name: 'x' } as never)).toThrow('a value of type object is not a ');
});

describe('asPairJudge', () => {
  it('scores both alone and is always consistent', async () => {
    const judged = asPairJudge((_, response) => ({ kind: 'score', score: response.length, reason: `${response}?` }));
    expect(await judged.compare('p', 'four', '4', 0)).toEqual({
      kind: 'compared',
      first: 4,
      second: 1,
      consistent: true,
      reason: 'four?\n\n4?',
    });
  });

  it('names the response without a score', async () => {
    const picky = asPairJudge((_, response) => (response === 'x' ? { kind: 'skipped', reason: 'no x' } : 1));
    expect(await picky.compare('p', 'x', 'y', 0)).toEqual({ kind: 'skipped', reason: 'the first response: no x' });
    expect(await picky.compare('p', 'y', 'x', 0)).toEqual({ kind: 'skipped', reason: 'the second response: no x' });
  });
});
