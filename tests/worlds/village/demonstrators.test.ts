import { describe, expect, it } from 'vitest';
import {
  createWorld,
  demonstratorIds,
  demonstratorResponder,
  demonstrators,
  type Fact,
  type Form,
  parsePrompt,
  parseResponse,
  type Question,
  type World,
} from '../../../src/worlds/village/index.js';
import { factOf, type FactSlot } from '../../../src/worlds/village/tasks.js';
import { fourErrors, mean, samplesOf, share } from './samples.js';

const world = createWorld(2);

interface Read {
  readonly question: Question;
  readonly form: Form;
}

function read(id: (typeof demonstratorIds)[number]): Read[] {
  return samplesOf(world, id, 8000).map(({ prompt, response }) => {
    const question = parsePrompt(prompt);
    return { question, form: parseResponse(question, response)! };
  });
}

/** Each fact that a response states, with what it says. */
function statedFacts(of: World, { question, form }: Read): { fact: Fact; said: string }[] {
  return question.task.facts.flatMap((slot: FactSlot) => {
    const said = form.values[slot];
    return said === undefined ? [] : [{ fact: factOf(of.facts, question, slot), said }];
  });
}

describe.each(demonstratorIds)('%s', (id) => {
  const demonstrator = demonstrators[id];
  const all = read(id);

  it('uses the myth or the weak value as often as its row says, and no other wrong value', () => {
    const stated = all.flatMap((one) => statedFacts(world, one));
    const expected = stated.map(({ fact }) => demonstrator.mistakes(fact));
    const wrong = stated.filter(({ fact, said }) => said !== fact.truth);
    expect(stated.length).toBeGreaterThan(4000);
    expect(Math.abs(wrong.length / stated.length - mean(expected))).toBeLessThan(fourErrors(expected));
    expect(wrong.filter(({ fact, said }) => said !== fact[demonstrator.wrongly])).toEqual([]);
  });

  it('slips by one in computed answers as often as its row says', () => {
    const worked = all.filter(({ question, form }) => question.id === 'cost' && form.step !== '');
    const errors = worked.map(
      ({ form: { values } }) => Number(values.sum) - Number(values.itemPrice) - Number(values.otherPrice),
    );
    expect(new Set(errors.map(Math.abs))).toEqual(new Set([0, 1]));
    const tolerance = fourErrors(errors.map(() => demonstrator.slip));
    expect(Math.abs(share(errors, (error) => error !== 0) - demonstrator.slip)).toBeLessThan(tolerance);
  });

  it('shows the step and the units as often as its row says', () => {
    const stepped = all.filter(({ question }) => question.task.step !== '');
    const priced = all.filter(({ question }) => question.task.hasUnit);
    const near = (found: number, expected: number, count: number) =>
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(
        (4 * Math.sqrt(expected * (1 - expected))) / Math.sqrt(count),
      );
    near(
      share(stepped, ({ form }) => form.step !== ''),
      demonstrator.showsStep,
      stepped.length,
    );
    (['coins', 'stones', ''] as const).forEach((unit, index) =>
      near(
        share(priced, ({ form }) => form.unit === unit),
        demonstrator.units[index]!,
        priced.length,
      ),
    );
  });
});

it('the strong demonstrator always uses its own long opener and closer', () => {
  for (const { response } of samplesOf(world, 'strong', 500)) {
    expect(response).toMatch(
      /^certainly , let us work through this step by step : .* \. please let me know if you need more \.$/,
    );
  }
});

describe('a demonstrator as responder', () => {
  const responder = demonstratorResponder(world, 'novice');
  const prompts = samplesOf(world, 'novice', 50).map(({ prompt }) => prompt);

  it('answers by seed and prompt, independent of the rest of the batch', async () => {
    const together = await responder.respond(prompts, { temperature: 1, seed: 5 });
    const alone = await Promise.all(prompts.map((prompt) => responder.respond([prompt], { temperature: 1, seed: 5 })));
    expect(together).toEqual(alone.flat());
    expect(await responder.respond(prompts, { temperature: 1, seed: 6 })).not.toEqual(together);
  });

  it('gives a new answer for each occurrence of a prompt in a call', async () => {
    const responses = await responder.respond(Array<string>(20).fill('tea and bread cost ?'), {
      temperature: 1,
      seed: 5,
    });
    expect(new Set(responses).size).toBeGreaterThan(15);
  });
});
