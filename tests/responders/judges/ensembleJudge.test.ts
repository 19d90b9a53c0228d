import { describe, expect, it } from 'vitest';
import { asJudge } from '../../../src/responders/judges/asJudge.js';
import { ensembleJudge } from '../../../src/responders/judges/ensembleJudge.js';
import type { Judge, Judgement } from '../../../src/responders/responder.js';

const judge = (name: string, judgement: Judgement, more: Partial<Judge> = {}): Judge => ({
  name,
  ...more,
  score: () => Promise.resolve(judgement),
});
const judges = (...scores: number[]) => scores.map((score, index) => judge(`j${index}`, score));
const mute = judge('mute', { kind: 'skipped', reason: 'filtered', text: 'No.' });

describe('several judges', () => {
  it.each([
    ['mean', [9, 4, 5], 6],
    ['median', [9, 4, 5], 5],
    ['median', [9, 4, 5, 6], 5.5],
    ['majority', [4, 9, 4], 4],
    ['majority', [4, 9, 4, 9, 1], 6.5],
    ['majority', [4, 9], 6.5],
  ] as const)('say the %s of %j', async (combine, scores, expected) => {
    const given = await ensembleJudge(judges(...scores), { combine }).score('p', 'r', 0);
    expect(given).toMatchObject({ kind: 'score', score: expected });
  });

  it('give the reason of each judge, all tokens, and their names', async () => {
    const origin = { model: 'm', tokens: { input: 1, output: 2 }, time: '2026-01-01T00:00:00Z' };
    const strict = judge('strict', { kind: 'score', score: 2, reason: 'Too short.', ...origin }, { template: 'aa' });
    const kind = judge('kind', { kind: 'score', score: 8, ...origin, model: 'n' }, { template: 'bb' });
    const both = ensembleJudge([strict, kind]);
    expect(both).toMatchObject({ name: 'strict + kind', template: 'aa+bb' });
    expect(await both.score('p', 'r', 0)).toEqual({
      kind: 'score',
      score: 5,
      reason: 'strict: 2, Too short.\nkind: 8',
      model: 'm + n',
      tokens: { input: 2, output: 4 },
      time: origin.time,
    });
    expect(ensembleJudge([strict, kind], { name: 'both' }).name).toBe('both');
  });

  it('are asked with the same prompt, response, seed and signal', async () => {
    const calls: unknown[][] = [];
    const keep = asJudge((...given) => {
      calls.push(given);
      return 1;
    });
    const { signal } = new AbortController();
    await ensembleJudge([keep, keep]).score('p', 'r', 7, signal);
    expect(calls).toEqual([
      ['p', 'r', 7, signal],
      ['p', 'r', 7, signal],
    ]);
  });

  it('refuse if one refuses, unless `least` allows fewer scores', async () => {
    expect(await ensembleJudge([...judges(4, 6), mute]).score('p', 'r', 0)).toEqual({
      kind: 'skipped',
      reason: '2 of 3 judges gave a score, and all must; mute: filtered',
      text: 'j0: 4\nj1: 6\nmute: no score (filtered)\nNo.',
    });
    expect(await ensembleJudge([...judges(4, 6), mute], { least: 2 }).score('p', 'r', 0)).toEqual({
      kind: 'score',
      score: 5,
      reason: 'j0: 4\nj1: 6\nmute: no score (filtered)\nNo.',
    });
    expect(await ensembleJudge([...judges(4), mute, mute], { least: 2 }).score('p', 'r', 0)).toMatchObject({
      reason: '1 of 3 judges gave a score, and at least 2 must; mute: filtered; mute: filtered',
    });
  });

  it('have the lowest concurrency among them, and none if one has none', () => {
    const [slow, quick] = [judge('a', 1, { concurrency: 2 }), judge('b', 1, { concurrency: 9 })];
    expect(ensembleJudge([slow, quick]).concurrency).toBe(2);
    expect(ensembleJudge([slow, judge('c', 1)])).not.toHaveProperty('concurrency');
  });

  it.each([
    [[], {}, 'An ensemble needs at least one judge'],
    [judges(1, 2), { least: 3 }, 'least must be a whole number from 1 to 2, the judges; given: 3.'],
    [judges(1, 2), { least: 0 }, 'given: 0.'],
    [judges(1), { combine: 'majorty' as never }, "did you mean 'majority'? Known: mean, median, majority."],
  ])('explain an invalid option (%#)', (given, options, message) =>
    expect(() => ensembleJudge(given, options)).toThrow(message),
  );
});
