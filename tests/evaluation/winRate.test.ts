/** Win rate by a judge in both orders, and evaluations that go on after a kill. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { evaluate } from '../../src/evaluation/index.js';
import type { Prompt } from '../../src/pairs/pair.js';
import { asResponder } from '../../src/responders/asResponder.js';

const folder = mkdtempSync(path.join(tmpdir(), 'win-rate-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const data = path.join(folder, 'prompts.jsonl');
const count = 40;
writeFileSync(
  data,
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({ id: `q${index}`, prompt: `task ${index}`, response: `quality ${(index * 3) % 10}` }),
  ).join('\n'),
);
const qualityOf = (index: number) => (index * 7) % 10;
const answer = (prompt: Prompt) => `quality ${qualityOf(Number(/\d+/.exec(prompt as string)))}`;

/** Prefers the higher quality; equal ones are a tie; of every fifth task it prefers what stands first. */
function verdictOf(prompt: Prompt): string {
  const text = (prompt as readonly { readonly content: string }[])[0]!.content;
  const task = Number(/task (\d+)/.exec(text)![1]);
  const [a, b] = Array.from(text.matchAll(/quality (\d)/g), ([, digit]) => Number(digit)) as [number, number];
  if (task % 5 === 0) return '{verdict}: A';
  return `{verdict}: ${a > b ? 'A' : a < b ? 'B' : 'tie'}`;
}
const judge = asResponder(verdictOf);

/** What follows from the two qualities alone. */
const expected = Array.from({ length: count }, (_, index) => {
  const [own, other] = [qualityOf(index), (index * 3) % 10];
  return index % 5 === 0 || own === other ? 0.5 : own > other ? 1 : 0;
});

describe('the win rate', () => {
  test('is the mean of wins and half the ties, with the verdicts that changed with the order', async () => {
    const { score, items, parts, undecided } = await evaluate(answer, 'win_rate', { data, judge });
    expect(items.map((item) => item.score)).toEqual(expected);
    expect(score).toBeCloseTo((100 * expected.reduce<number>((sum, one) => sum + one, 0)) / count, 12);
    expect(undecided).toBe(0);
    const share = (value: number) => (100 * expected.filter((one) => one === value).length) / count;
    expect(parts.map(({ name, score: part, n }) => [name, part, n])).toEqual([
      ['wins', share(1), count],
      ['ties', share(0.5), count],
      ['losses', share(0), count],
      ['verdict changes with the order', 20, count],
      ['of these to the first place', 100, 8],
    ]);
    expect(items[5]).toMatchObject({ id: { id: 'q5' }, verdict: { verdicts: ['first', 'first'], consistent: false } });
  });

  test('counts what the judge does not decide', async () => {
    const silent = asResponder(() => 'Both are fine.');
    const { score, undecided, items } = await evaluate(answer, 'win_rate', { data, judge: silent, limit: 3 });
    expect({ score, undecided }).toEqual({ score: 0, undecided: 3 });
    expect(items[0]!.reason).toMatch(/^the judge: as given: /);
  });

  test('needs a judge', async () => {
    await expect(
      evaluate(answer, 'win_rate', { data } as unknown as { data: string; judge: typeof judge }),
    ).rejects.toThrow('The win rate needs a judge');
  });
});

describe('an unfinished evaluation', () => {
  const unfinished = path.join(folder, 'state', 'unfinished.jsonl');

  test('goes on after its last item, asks nothing twice, and ends with the same result', async () => {
    const whole = await evaluate(answer, 'win_rate', { data, judge });
    const asked: string[] = [];
    const policy = asResponder((prompt) => {
      asked.push(prompt as string);
      return answer(prompt);
    });
    const stop = new AbortController();
    const onItem = (_: unknown, done: number) => {
      if (done === 12) stop.abort(new Error('killed'));
    };
    const options = { data, judge, unfinished };
    await expect(evaluate(policy, 'win_rate', { ...options, onItem, signal: stop.signal })).rejects.toThrow('killed');
    const kept = readFileSync(unfinished, 'utf8').trimEnd().split('\n').length - 1;
    expect(kept).toBeGreaterThanOrEqual(12);
    // A kill in the middle of a line.
    appendFileSync(unfinished, '{"id":{"id":"q99"},"prom');
    asked.length = 0;
    const done: number[] = [];
    const resumed = await evaluate(policy, 'win_rate', { ...options, onItem: (_, number) => done.push(number) });
    expect(asked).toEqual(Array.from({ length: count - kept }, (_, index) => `task ${index + kept}`));
    expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
    expect(done).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(existsSync(unfinished)).toBe(false);
  });

  test('of a model goes on at the beginning of a batch, so that batches stay the same', async () => {
    const batches: number[][] = [];
    const model = {
      generate: (prompts: readonly Prompt[]) => {
        batches.push(prompts.map((prompt) => Number(/\d+/.exec(prompt as string))));
        return Promise.resolve(prompts.map(answer));
      },
    };
    const stop = new AbortController();
    const onItem = (_: unknown, done: number) => {
      if (done === 7) stop.abort(new Error('killed'));
    };
    const options = { data, judge, unfinished, batchSize: 5, limit: 12 };
    await expect(evaluate(model, 'win_rate', { ...options, onItem, signal: stop.signal })).rejects.toThrow('killed');
    batches.length = 0;
    const { n } = await evaluate(model, 'win_rate', options);
    expect(n).toBe(12);
    expect(batches).toEqual([
      [5, 6, 7, 8, 9],
      [10, 11],
    ]);
  });

  test('of another evaluation is an error that names the file', async () => {
    writeFileSync(unfinished, `${JSON.stringify({ fingerprint: 'other' })}\n`);
    await expect(evaluate(answer, 'win_rate', { data, judge, unfinished })).rejects.toThrow(
      /unfinished\.jsonl holds the items of another evaluation/,
    );
  });
});
