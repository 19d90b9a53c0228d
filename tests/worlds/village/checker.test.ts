import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { createWorld, grade, nouns, parsePrompt, score, vocabulary } from '../../../src/worlds/village/index.js';
import { fill } from '../../../src/worlds/village/pattern.js';
import { solveTruly } from '../../../src/worlds/village/tasks.js';
import { samplesOf } from './samples.js';

const world = createWorld(0);
const price = (noun: string) => Number(world.facts.price.get(noun)!.truth);
const place = (noun: string) => world.facts.place.get(noun)!.truth;
const [cheap, dear] = [...nouns]
  .sort((a, b) => price(a) - price(b))
  .filter((_, index) => index === 0 || index === 95) as [string, string];
const other = nouns.find((noun) => place(noun) !== place('tea'))!;

describe('the checker', () => {
  it('gives full marks to the gold response of every task', () => {
    for (const { prompt } of samplesOf(world, 'expert', 1000)) {
      const question = parsePrompt(prompt);
      const gold = fill(`${question.task.step} ${question.task.bodies[0]}`.trim(), solveTruly(world.facts, question));
      const response = question.task.hasUnit ? `${gold} coins` : gold;
      expect(grade(world, prompt, response)).toEqual({
        content: 1,
        step: true,
        unit: true,
        correct: true,
        parsed: true,
      });
    }
  });

  it('takes the last number as the answer', () => {
    const right = price('tea');
    expect(grade(world, 'price of tea ?', `it is ${right} coins`)).toMatchObject({ content: 1, unit: true });
    expect(grade(world, 'price of tea ?', `${right + 1} no it is ${right} stones`)).toMatchObject({
      content: 1,
      unit: false,
      parsed: false,
    });
    expect(grade(world, 'price of tea ?', `it is ${right} coins 19`)).toMatchObject({ content: 0, unit: false });
  });

  it('gives half of the content for one right place of a trip, which is not correct', () => {
    const prompt = `tea then ${other} route ?`;
    expect(grade(world, prompt, `${place('tea')} then ${place(other)}`)).toMatchObject({ content: 1, correct: true });
    expect(grade(world, prompt, `${place(other)} then ${place(other)}`)).toMatchObject({
      content: 0.5,
      correct: false,
    });
    expect(grade(world, prompt, `the ${place(other)}`)).toMatchObject({ content: 0.5, correct: false, parsed: false });
    expect(grade(world, prompt, `${place(other)} then ${place('tea')}`)).toMatchObject({ content: 0 });
  });

  it('requires the step with the true values, for any answer', () => {
    const prompt = `${cheap} or ${dear} dearer ?`;
    const step = `${cheap} ${price(cheap)} vs ${dear} ${price(dear)} so`;
    expect(grade(world, prompt, `${step} ${dear}`)).toMatchObject({ content: 1, step: true });
    expect(grade(world, prompt, `${step} ${cheap}`)).toMatchObject({ content: 0, step: true });
    expect(grade(world, prompt, `the ${dear}`)).toMatchObject({ content: 1, step: false });
    expect(grade(world, prompt, step.replace(String(price(dear)), '19') + ` ${dear}`)).toMatchObject({ step: false });
  });

  it('counts step and unit as present if the task has none', () => {
    expect(grade(world, 'where is tea ?', `at the ${place('tea')}`)).toMatchObject({
      step: true,
      unit: true,
      content: 1,
    });
  });

  it.each(['', ' ', 'coins', 'coins coins coins', '<eos>', 'Tea !', '42 coins', 'bread 7 bread'])(
    'finds no right price in %j',
    (response) => {
      expect(grade(world, `pay 10 for ${cheap} change ?`, response)).toMatchObject({
        content: 0,
        correct: false,
        step: false,
        parsed: false,
      });
    },
  );

  it('grades any string of words without throwing', () => {
    const random = createRandom(0, 'garbage');
    for (const { prompt } of samplesOf(world, 'novice', 2000)) {
      const garbage = Array.from({ length: 1 + random.integer(12) }, () => random.pick(vocabulary)).join(' ');
      const result = grade(world, prompt, `${garbage} <eos>`);
      expect(result.parsed).toBe(false);
      expect([0, 0.5, 1]).toContain(result.content);
    }
  });

  it('refuses a prompt that does not belong to the world', () => {
    expect(() => grade(world, 'price of gold ?', 'it is 4 coins')).toThrow(/is not a prompt of the miniature world/);
  });
});

describe('the score', () => {
  it('is the percentage of correct responses, with a mark for each', () => {
    const right = `at the ${place('tea')}`;
    expect(score(world, Array<string>(4).fill('where is tea ?'), [right, '', `the ${place('tea')}`, 'at the'])).toEqual(
      {
        score: 50,
        correct: '1010',
      },
    );
  });

  it('refuses to score prompts without responses', () => {
    expect(() => score(world, ['where is tea ?'], [])).toThrow(/1 prompts, 0 responses/);
    expect(() => score(world, [], [])).toThrow(/at least one prompt/);
  });
});
