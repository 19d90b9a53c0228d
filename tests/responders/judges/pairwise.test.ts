/** Judges that get two responses at once: both orders, position bias, and the report on judged pairs. */
import { describe, expect, it } from 'vitest';
import { jupyterDisplay } from '../../../src/core/display.js';
import { messageText } from '../../../src/core/message.js';
import type { Message } from '../../../src/pairs/pair.js';
import { judgeReport } from '../../../src/responders/judges/judgeReport.js';
import { pairwiseJudge } from '../../../src/responders/judges/pairwiseJudge.js';
import { comparePairs, positionBias } from '../../../src/responders/judges/positionBias.js';
import { loadTemplate, parseTemplate } from '../../../src/responders/prompts/template.js';
import { wilson } from '../../../src/core/statistics.js';
import type { Answer, Comparison, PairJudge, Position, Responder } from '../../../src/responders/responder.js';

const template = parseTemplate('compare', '{{prompt}}|{{first}}|{{second}}');

/** Answers with the result of `verdict` for the two responses in the order of the prompt. */
function examiner(verdict: (first: string, second: string) => Answer): Responder {
  return {
    name: 'examiner',
    concurrency: 4,
    respond: (prompts) =>
      Promise.resolve(
        prompts.map((prompt) => {
          const [, first, second] = messageText((prompt as readonly Message[])[0]!).split('|');
          return verdict(first!, second!);
        }),
      ),
  };
}

const judgeOf = (verdict: (first: string, second: string) => Answer) => pairwiseJudge(examiner(verdict), { template });
const longer = (first: string, second: string) => `{verdict}: ${first.length >= second.length ? 'A' : 'B'}`;

describe('a pairwise judge', () => {
  it.each<[string, (first: string, second: string) => Answer, [number, number], boolean, [Position, Position]]>([
    ['finds the better one in either position', longer, [1, 0], true, ['first', 'second']],
    ['sees a tie', () => '{verdict}: tie', [0.5, 0.5], true, ['tie', 'tie']],
    ['always likes the first place', () => '{verdict}: A', [0.5, 0.5], false, ['first', 'first']],
    ['always likes the second place', () => '{verdict}: B', [0.5, 0.5], false, ['second', 'second']],
    [
      'sees a difference in one order only',
      (first) => (first === 'long' ? '{verdict}: A' : '{verdict}: tie'),
      [0.75, 0.25],
      false,
      ['first', 'tie'],
    ],
  ])('that %s', async (_, verdict, [first, second], consistent, verdicts) => {
    expect(await judgeOf(verdict).compare('p', 'long', 's', 0)).toEqual({
      kind: 'compared',
      first,
      second,
      consistent,
      verdicts,
    });
  });

  it('swaps the scores with the responses', async () =>
    expect(await judgeOf(longer).compare('p', 's', 'long', 0)).toMatchObject({ first: 0, second: 1 }));

  it('adds the tokens of both questions, and keeps both reasons', async () => {
    const judge = judgeOf((first, second) => ({
      kind: 'response',
      text: `${first} it is.\n${longer(first, second)}`,
      model: 'm',
      tokens: { input: 10 + first.length, output: 1 },
      time: `2026-01-0${first.length}T00:00:00Z`,
    }));
    expect(await judge.compare('p', 'long', 's', 0)).toMatchObject({
      reason: 'long it is.\n\ns it is.',
      model: 'm',
      tokens: { input: 25, output: 2 },
      time: '2026-01-04T00:00:00Z',
    });
  });

  it('names the order without a verdict', async () => {
    const judge = judgeOf((first) => (first === 'b' ? 'Both are fine.' : '{verdict}: A'));
    expect(await judge.compare('p', 'a', 'b', 0)).toEqual({
      kind: 'skipped',
      reason: 'places changed: no verdict: expected a last line such as {verdict}: A (or B, or tie)',
      text: 'Both are fine.',
    });
    const refusal = judgeOf(() => ({ kind: 'skipped', reason: 'filtered' }));
    expect(await refusal.compare('p', 'a', 'b', 0)).toEqual({ kind: 'skipped', reason: 'as given: filtered' });
  });

  it("uses the project's template by default", () =>
    expect(pairwiseJudge(examiner(longer))).toMatchObject({
      name: 'examiner',
      concurrency: 4,
      template: loadTemplate('compare').hash,
    }));
});

describe('position bias', () => {
  const items = Array.from({ length: 10 }, (_, index) => ({ prompt: `p${index}`, first: 'long', second: 's' }));

  it('is zero if the verdict depends only on the responses', async () => {
    const bias = await positionBias(judgeOf(longer), items);
    expect(bias).toMatchObject({
      judge: 'examiner',
      flips: { count: 0, of: 10, share: 0 },
      firstPosition: { count: 0, of: 0, interval: null },
      verdicts: { first: 10, second: 10, tie: 0 },
      refused: [],
    });
  });

  it('counts the comparisons that depend on the order, and how many of these prefer the first position', async () => {
    // Of ten, three always prefer the first position and one the second; two are a tie in one order only.
    const swayed: Record<string, readonly [Position, Position]> = {
      p1: ['first', 'first'],
      p2: ['first', 'first'],
      p3: ['first', 'first'],
      p4: ['second', 'second'],
      p5: ['tie', 'second'],
      p6: ['tie', 'first'],
    };
    const judge: PairJudge = {
      name: '<b>',
      compare: (prompt) => {
        if (prompt === 'p9') return Promise.resolve({ kind: 'skipped', reason: 'mute & deaf' });
        const verdicts = swayed[prompt as string];
        const whole: Comparison = {
          kind: 'compared',
          first: 1,
          second: 0,
          consistent: true,
          verdicts: ['first', 'second'],
        };
        return Promise.resolve(verdicts === undefined ? whole : { ...whole, consistent: false, verdicts });
      },
    };
    const bias = await positionBias(judge, items);
    expect(bias.flips).toEqual(wilson(6, 9));
    expect(bias.firstPosition).toEqual(wilson(4, 6));
    expect(bias.verdicts).toEqual({ first: 3 + 6 + 1, second: 3 + 2 + 1, tie: 2 });
    expect(bias.refused).toEqual([{ kind: 'skipped', reason: 'mute & deaf' }]);
    const bundle = bias[jupyterDisplay]();
    expect(bundle['text/plain']).toContain('6 of 9, 66.7 % (95 % interval 35.4 to 87.9)');
    expect(bundle['text/plain']).toContain('mute & deaf');
    expect(bundle['text/html']).toContain('&lt;b&gt;');
    expect(bundle['text/html']).toContain('mute &amp; deaf');
    expect(bundle['text/html']).not.toContain('<b><b>');
  });

  it("compares pairs with their conversations, within the judge's concurrency, in order", async () => {
    let [running, most] = [0, 0];
    const asked: unknown[] = [];
    const judge: PairJudge = {
      name: 'slow',
      concurrency: 3,
      compare: async (prompt, first, second) => {
        asked.push([prompt, first, second]);
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { kind: 'compared', first: first.length, second: second.length, consistent: true };
      },
    };
    const conversation = [{ role: 'user', content: '?' }];
    const pair = { prompt: '?', chosen: 'ab', rejected: 'a', conversation };
    const outcomes = await comparePairs(judge, [pair, ...items]);
    expect(asked[0]).toEqual([conversation, 'ab', 'a']);
    expect(outcomes.map((one) => one.kind === 'compared' && one.first)).toEqual([2, ...items.map(() => 4)]);
    expect(most).toBe(3);
  });

  it('stops if its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(positionBias(judgeOf(longer), items, { signal })).rejects.toThrow('stopped');
  });
});

describe('the report on judged pairs', () => {
  it('counts ties, near-ties and decided pairs in all their forms', () => {
    const report = judgeReport([
      { chosen: 7, rejected: 7 },
      { scores: { chosen: 8, rejected: 7.5 } },
      { first: 3, second: 9 },
      { kind: 'compared', first: 0.5, second: 0.5, consistent: false, verdicts: ['first', 'first'] },
      { kind: 'compared', first: 8, second: 7, consistent: true },
      { kind: 'skipped', reason: 'mute' },
      { kind: 'skipped', reason: 'mute' },
      {},
    ]);
    expect(report).toMatchObject({
      judged: 5,
      ties: wilson(2, 5),
      nearTies: wilson(1, 5),
      decided: wilson(2, 5),
      inconsistent: wilson(1, 1),
      meanDifference: (0 + 0.5 + 6 + 0 + 1) / 5,
    });
    expect(report.scores).toEqual([
      [0.5, 2],
      [3, 1],
      [7, 3],
      [7.5, 1],
      [8, 2],
      [9, 1],
    ]);
    expect(report.refused).toHaveLength(2);
    const plain = report[jupyterDisplay]()['text/plain'] as string;
    expect(plain).toContain('0.5: 2, 3: 1, 7: 3, 7.5: 1, 8: 2, 9: 1');
    expect(plain).toMatch(/2 times +mute/);
  });

  it('accepts another threshold, and an empty list', () => {
    const couples = [1, 2, 3].map((second) => ({ first: 3, second }));
    expect(judgeReport(couples, { nearTie: 1.5 })).toMatchObject({ nearTies: { count: 1 }, decided: { count: 1 } });
    expect(judgeReport(couples, { nearTie: 0 })).toMatchObject({ ties: { count: 1 }, decided: { count: 2 } });
    expect(judgeReport([])).toMatchObject({ judged: 0, ties: { of: 0 }, scores: [] });
    expect(() => judgeReport([], { nearTie: -1 })).toThrow('nearTie must be a number of at least 0; given: -1.');
  });
});
