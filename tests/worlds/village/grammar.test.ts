import { describe, expect, it } from 'vitest';
import {
  createWorld,
  demonstratorIds,
  nouns,
  parsePrompt,
  parseResponse,
  places,
  pretrainingExamples,
  render,
  taskIds,
  tasks,
  vocabulary,
} from '../../../src/worlds/village/index.js';
import { allForms, closers, introduce, introductions, openers, units } from '../../../src/worlds/village/grammar.js';
import { samplesOf, take } from './samples.js';

const world = createWorld(1);
const everyone = demonstratorIds.flatMap((id) => samplesOf(world, id, 2000));

/** Every response form of a task with one filling of its slots: all openers, steps, bodies, units and closers. */
function allResponses(id: (typeof taskIds)[number]): { prompt: string; form: Parameters<typeof render>[0] }[] {
  const task = tasks[id];
  const values = {
    item: 'tea',
    other: 'bread',
    winner: 'bread',
    payment: '12',
    itemPrice: '3',
    otherPrice: '7',
    sum: '10',
    change: '9',
    itemPlace: 'mill',
    otherPlace: 'forest',
  };
  const words = Object.entries(values);
  const prompt = words.reduce<string>((text, [slot, word]) => text.replace(`{${slot}}`, word), task.prompt);
  const steps = task.step === '' ? [''] : ['', ...introductions.map((introduction) => introduce(introduction, task))];
  return openers.flatMap((opener) =>
    steps.flatMap((step) =>
      task.bodies.flatMap((body) =>
        (task.hasUnit ? units : ['']).flatMap((unit) =>
          closers.map((closer) => ({ prompt, form: { opener, step, body, unit, closer, values } })),
        ),
      ),
    ),
  );
}

describe('the vocabulary', () => {
  it('has 192 distinct words, the special ones first', () => {
    expect(vocabulary).toHaveLength(192);
    expect(new Set(vocabulary).size).toBe(192);
    expect(vocabulary.slice(0, 3)).toEqual(['<pad>', '<bos>', '<eos>']);
  });

  it('has every word of every form of every task, and needs every word it has', () => {
    const written = taskIds.flatMap((id) => allResponses(id).flatMap(({ prompt, form }) => [prompt, render(form)]));
    const used = new Set(
      [...written, ...everyone.flatMap((sample) => [sample.prompt, sample.response])].join(' ').split(' '),
    );
    expect([...used].filter((word) => !vocabulary.includes(word))).toEqual([]);
    const alwaysUseful = new Set([...nouns, ...places, '<pad>', '<bos>', '<eos>']);
    expect(vocabulary.filter((word) => !used.has(word) && !alwaysUseful.has(word))).toEqual([]);
  });

  it('has every word of ten thousand pretraining examples, none longer than 40 tokens', () => {
    const texts = take(pretrainingExamples(world, 0), 10_000).map(({ prompt, response }) => `${prompt} ${response}`);
    const known = new Set(vocabulary);
    expect(texts.filter((text) => !text.split(' ').every((word) => known.has(word)))).toEqual([]);
    expect(Math.max(...texts.map((text) => text.split(' ').length + 2))).toBeLessThanOrEqual(40);
  });

  it('fits every form of every task into 40 tokens', () => {
    const lengths = taskIds.flatMap((id) =>
      allResponses(id).map(({ prompt, form }) => `${prompt} ${render(form)}`.split(' ').length + 2),
    );
    expect(Math.max(...lengths)).toBe(40);
  });
});

describe('the grammar of responses', () => {
  it('reads what every demonstrator writes, in one way only, and writes it back unchanged', () => {
    for (const { prompt, response } of everyone) {
      const forms = [...allForms(parsePrompt(prompt), response)];
      expect(forms.map(render)).toEqual([response]);
    }
  });

  it.each(taskIds)('reads every form of %s back as it was chosen', (id) => {
    for (const { prompt, form } of allResponses(id)) {
      const forms = [...allForms(parsePrompt(prompt), render(form))];
      expect(forms).toHaveLength(1);
      const { values, ...parts } = forms[0]!;
      const { values: given, ...expected } = form;
      expect(parts).toEqual(expected);
      expect(given).toMatchObject(values);
    }
  });

  it('reads the wrong values of a response as they stand', () => {
    const form = parseResponse(parsePrompt('tea and bread cost ?'), 'ok so as 3 + 4 = it is 19 stones cheers .');
    expect(form).toEqual({
      opener: 'ok so',
      step: 'as {itemPrice} + {otherPrice} =',
      body: 'it is {sum}',
      unit: 'stones',
      closer: 'cheers .',
      values: { item: 'tea', other: 'bread', itemPrice: '3', otherPrice: '4', sum: '19' },
    });
  });

  it.each([
    ['', 'an empty response'],
    ['sure : because it is 7 coins', 'an introduction without a step'],
    ['it is 7 coins coins', 'a word too many'],
    ['it is mill coins', 'a place where a number belongs'],
    ['milk and bread cost 7 coins', 'another noun than the one asked for'],
    ['it is  7 coins', 'two spaces'],
    ['3 + 4', 'a step cut off'],
  ])('does not read %j: %s', (response) => {
    expect(parseResponse(parsePrompt('tea and bread cost ?'), response)).toBeUndefined();
  });
});

describe('reading prompts', () => {
  it('finds task and slots', () => {
    expect(parsePrompt('pay 12 for tea change ?')).toMatchObject({
      id: 'change',
      values: { payment: '12', item: 'tea' },
    });
    expect(parsePrompt('tea then bread route ?')).toMatchObject({
      id: 'trip',
      values: { item: 'tea', other: 'bread' },
    });
  });

  it.each(['', 'price of tea', 'price of gold ?', 'pay 9 for tea change ?', 'price of tea ? ?'])(
    'says which prompts there are when given %j',
    (prompt) => {
      expect(() => parsePrompt(prompt)).toThrow(/is not a prompt of the miniature world.*price of \{item\} \?/);
    },
  );
});
