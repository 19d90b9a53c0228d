import { describe, expect, it } from 'vitest';
import { fnv1a } from '../../../src/core/random.js';
import {
  createWorld,
  hardPrompts,
  nouns,
  parsePrompt,
  preferencePrompts,
  pretrainingExamples,
  splitOf,
  taskIds,
  taskMix,
} from '../../../src/worlds/village/index.js';
import { factOf } from '../../../src/worlds/village/tasks.js';
import { fourErrors, share, take } from './samples.js';

const world = createWorld(0);
const countsByTask = (prompts: readonly string[]) =>
  Object.fromEntries(taskIds.map((id) => [id, prompts.filter((prompt) => parsePrompt(prompt).id === id).length]));

describe('splits', () => {
  const validation = hardPrompts(world, 'validation', 320);
  const test = hardPrompts(world, 'test', 480);
  const preference = take(preferencePrompts(world, 0), 5000);
  const pretraining = take(pretrainingExamples(world, 0), 20_000);

  it('assign a composite prompt by its hash and leave easy ones in the pool', () => {
    for (const prompt of preference.concat(validation, test)) {
      const bucket = parsePrompt(prompt).task.composite ? fnv1a(prompt) % 10 : 9;
      expect(splitOf(prompt)).toBe(bucket === 0 ? 'validation' : bucket < 3 ? 'test' : 'pool');
    }
  });

  it('share no prompt', () => {
    const pool = new Set([...preference, ...pretraining.map(({ prompt }) => prompt)]);
    expect(validation.concat(test).filter((prompt) => pool.has(prompt))).toEqual([]);
    expect(validation.filter((prompt) => test.includes(prompt))).toEqual([]);
  });

  it('hold only hard prompts out: composite ones with a contested fact, each once, about all nouns', () => {
    expect(new Set(test).size).toBe(480);
    const asked = new Set<string>();
    for (const prompt of test) {
      const question = parsePrompt(prompt);
      expect(question.task.composite).toBe(true);
      expect(question.task.facts.some((slot) => factOf(world.facts, question, slot).contested)).toBe(true);
      [question.values.item, question.values.other].forEach((noun) => noun !== undefined && asked.add(noun));
    }
    expect(asked).toEqual(new Set(nouns));
  });

  it('balance the tasks of the hard split until change runs out, and have the same beginning at every size', () => {
    expect(countsByTask(test.slice(0, 240))).toEqual({
      price: 0,
      place: 0,
      cost: 60,
      dearer: 60,
      change: 60,
      trip: 60,
    });
    const all = hardPrompts(world, 'validation', 1_000_000);
    expect(countsByTask(all).change).toBeLessThan(80);
    expect(countsByTask(all).cost).toBeGreaterThan(400);
    expect(all.slice(0, 320)).toEqual(validation);
  });

  it('ask about both covered and uncovered nouns in pretraining, about covered ones in preferences', () => {
    const nounsOf = (prompt: string) => nouns.filter((noun) => prompt.split(' ').includes(noun));
    expect(new Set(pretraining.flatMap(({ prompt }) => nounsOf(prompt))).size).toBe(96);
    expect(new Set(preference.flatMap(nounsOf))).toEqual(world.facts.covered);
  });

  it('mix the tasks as the table says', () => {
    for (const prompts of [preference, pretraining.map(({ prompt }) => prompt)]) {
      for (const id of taskIds) {
        const found = share(prompts, (prompt) => parsePrompt(prompt).id === id);
        expect(Math.abs(found - taskMix[id])).toBeLessThan(fourErrors(prompts.map(() => taskMix[id])));
      }
    }
  });

  it('repeat a preference prompt of a task only after all others of that task', () => {
    const prices = preference.filter((prompt) => prompt.startsWith('price'));
    expect(new Set(prices.slice(0, 72)).size).toBe(72);
    expect(prices.length).toBeGreaterThan(144);
    expect(new Set(prices.slice(72, 144)).size).toBe(72);
  });

  it('compare only nouns whose prices differ', () => {
    const dearer = preference
      .concat(test)
      .map(parsePrompt)
      .filter(({ id }) => id === 'dearer');
    const equal = dearer.filter(
      (question) =>
        factOf(world.facts, question, 'itemPrice').truth === factOf(world.facts, question, 'otherPrice').truth,
    );
    expect(dearer.length).toBeGreaterThan(500);
    expect(equal).toEqual([]);
  });

  it('follow from the seed', () => {
    expect(take(preferencePrompts(world, 0), 100)).toEqual(preference.slice(0, 100));
    expect(take(preferencePrompts(world, 1), 100)).not.toEqual(preference.slice(0, 100));
    expect(take(pretrainingExamples(world, 0), 100)).toEqual(pretraining.slice(0, 100));
    expect(hardPrompts(createWorld(1), 'test', 10)).not.toEqual(test.slice(0, 10));
  });
});
