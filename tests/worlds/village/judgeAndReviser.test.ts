import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import {
  answer,
  createWorld,
  type Form,
  grade,
  gradedJudge,
  minimalReviser,
  parsePrompt,
  parseResponse,
  type Question,
} from '../../../src/worlds/village/index.js';
import { solveTruly } from '../../../src/worlds/village/tasks.js';
import { fourErrors, mean, normalBelow, samplesOf, share } from './samples.js';

const world = createWorld(0);

describe('the judge', () => {
  const judge = gradedJudge(world);
  const random = createRandom(1, 'second samples');
  const duels = samplesOf(world, 'novice', 4000, 1).map(({ prompt, response }) => ({
    prompt,
    first: response,
    second: answer(world, 'novice', prompt, random),
  }));

  it('picks the better content as often as its formula says, about 89 times in 100', async () => {
    const quality = (prompt: string, response: string) => {
      const { content, step, unit } = grade(world, prompt, response);
      return content + 0.3 * Number(step) + 0.2 * Number(unit);
    };
    const differing = duels
      .map(({ prompt, first, second }) =>
        grade(world, prompt, first).content >= grade(world, prompt, second).content
          ? { prompt, better: first, worse: second }
          : { prompt, better: second, worse: first },
      )
      .filter(
        ({ prompt, better, worse }) => grade(world, prompt, better).content > grade(world, prompt, worse).content,
      );
    // The difference of two noises has the standard deviation 0.5 sqrt(2).
    const expected = differing.map(({ prompt, better, worse }) =>
      normalBelow((quality(prompt, better) - quality(prompt, worse)) / (0.5 * Math.SQRT2)),
    );
    const picked = await Promise.all(
      differing.map(
        async ({ prompt, better, worse }) =>
          (await judge.score(prompt, better, 0)) > (await judge.score(prompt, worse, 0)),
      ),
    );
    expect(differing.length).toBeGreaterThan(1000);
    expect(mean(expected)).toBeGreaterThan(0.87);
    expect(mean(expected)).toBeLessThan(0.91);
    expect(Math.abs(share(picked, Boolean) - mean(expected))).toBeLessThan(fourErrors(expected));
  });

  it('gives the same score for the same seed and another for another', async () => {
    const score = (seed: number) => judge.score('price of tea ?', 'it is 4 coins', seed);
    expect(await score(1)).toBe(await score(1));
    expect(await score(1)).not.toBe(await score(2));
  });
});

describe('the minimal reviser', () => {
  const reviser = minimalReviser(world);

  it('changes only what is wrong: style stays, facts, answer, step and unit become right', async () => {
    const revised: { prompt: string; question: Question; after: Form; response: string }[] = [];
    for (const { prompt, response } of samplesOf(world, 'novice', 3000)) {
      const revision = await reviser.revise(prompt, response, 0);
      if (revision.kind === 'skipped') continue;
      const question = parsePrompt(prompt);
      const before = parseResponse(question, response)!;
      const after = parseResponse(question, revision.response)!;
      expect([after.opener, after.body, after.closer]).toEqual([before.opener, before.body, before.closer]);
      expect(after.step).toBe(before.step === '' ? question.task.step : before.step);
      expect(after.unit).toBe(question.task.hasUnit ? 'coins' : '');
      revised.push({ prompt, question, after, response: revision.response });
    }
    expect(revised.length).toBeGreaterThan(1500);
    // Each fact is mistaken with probability 0.02, so a revision with two facts is all right 96 times in 100.
    const knowing = revised.map(({ question }) => 0.98 ** question.task.facts.length);
    const allRight = ({ question, after }: { question: Question; after: Form }) => {
      const truth = solveTruly(world.facts, question);
      return Object.entries(after.values).every(([slot, value]) => truth[slot as keyof typeof truth] === value);
    };
    expect(Math.abs(share(revised, allRight) - mean(knowing))).toBeLessThan(fourErrors(knowing));
    const correct = share(revised, ({ prompt, response }) => grade(world, prompt, response).correct);
    expect(correct).toBeGreaterThan(0.95);
    expect(correct).toBeLessThan(0.995);
  });

  it('says what was wrong', async () => {
    const truth = Number(world.facts.price.get('tea')!.truth);
    const wrong = truth === 7 ? 8 : 7;
    const revision = await reviser.revise(
      'pay 12 for tea change ?',
      `sure : 12 - ${wrong} = it is ${12 - wrong} stones .`,
      0,
    );
    expect(revision).toEqual({
      kind: 'revised',
      response: `sure : 12 - ${truth} = it is ${12 - truth} coins .`,
      rationale: `the price of tea is ${truth}, not ${wrong}; the change is ${12 - truth}, not ${12 - wrong}; prices are in coins, not stones`,
    });
    expect(await reviser.revise('pay 12 for tea change ?', `you get ${12 - truth} cheers .`, 0)).toEqual({
      kind: 'revised',
      response: `12 - ${truth} = you get ${12 - truth} coins cheers .`,
      rationale: `the step '12 - ${truth} =' is missing; the unit is missing`,
    });
  });

  it('skips a response that is already right, and one that it cannot read', async () => {
    const right = `it is at the ${world.facts.place.get('tea')!.truth} !`;
    expect(await reviser.revise('where is tea ?', right, 0)).toEqual({
      kind: 'skipped',
      reason: 'already right: there is nothing to revise',
    });
    expect(await reviser.revise('where is tea ?', 'tea tea tea', 0)).toEqual({
      kind: 'skipped',
      reason: "the response is not in the world's grammar",
    });
  });
});
