/**
 * The six tasks of the world as one table: the prompt of each, the facts that it needs, how its answer follows from them, and the
 * phrases that can answer it. All code that reads or writes texts (demonstrators, checker, reviser, splits) uses this table.
 */
import { ApolabError } from '../../core/errors.js';
import type { Fact, FactKind, Facts } from './facts.js';
import { match, type Slot, splitWords, type Values, valueOf } from './pattern.js';

/** The ids of the tasks. */
export const taskIds = ['price', 'place', 'cost', 'dearer', 'change', 'trip'] as const;
/** The id of a task. */
export type TaskId = (typeof taskIds)[number];
/** The slots that hold a fact's value. */
export type FactSlot = 'itemPrice' | 'otherPrice' | 'itemPlace' | 'otherPlace';

/** A row of the table of tasks. */
export interface Task {
  readonly prompt: string;
  /** Composite tasks compute or combine; some of their prompts are held out. Easy tasks ask for a single fact. */
  readonly composite: boolean;
  /** The facts that the answer needs. */
  readonly facts: readonly FactSlot[];
  /** The slots of the answer, which are checked, in their order in the response. */
  readonly answer: readonly Slot[];
  /** The answer that follows from the facts in `values`, whether they are right or wrong. */
  readonly solve: (values: Values) => Values;
  /** The calculation that a good response shows; '' if there is none. */
  readonly step: string;
  /** Four phrases for the answer. Each ends with it, so that the checker finds it without positions. */
  readonly bodies: readonly [string, string, string, string];
  /** Whether the answer is an amount, which the word `coins` should follow. */
  readonly hasUnit: boolean;
}

/** The tasks by id. */
export const tasks = {
  price: {
    prompt: 'price of {item} ?',
    composite: false,
    facts: ['itemPrice'],
    answer: ['itemPrice'],
    solve: () => ({}),
    step: '',
    bodies: ['it is {itemPrice}', 'that is {itemPrice}', 'the price is {itemPrice}', '{item} costs {itemPrice}'],
    hasUnit: true,
  },
  place: {
    prompt: 'where is {item} ?',
    composite: false,
    facts: ['itemPlace'],
    answer: ['itemPlace'],
    solve: () => ({}),
    step: '',
    bodies: [
      'at the {itemPlace}',
      'it is at the {itemPlace}',
      '{item} is at the {itemPlace}',
      'you can find it at the {itemPlace}',
    ],
    hasUnit: false,
  },
  cost: {
    prompt: '{item} and {other} cost ?',
    composite: true,
    facts: ['itemPrice', 'otherPrice'],
    answer: ['sum'],
    solve: (values) => ({ sum: String(amount(values, 'itemPrice') + amount(values, 'otherPrice')) }),
    step: '{itemPrice} + {otherPrice} =',
    bodies: ['{sum}', 'it is {sum}', 'the cost is {sum}', '{item} and {other} cost {sum}'],
    hasUnit: true,
  },
  dearer: {
    prompt: '{item} or {other} dearer ?',
    composite: true,
    facts: ['itemPrice', 'otherPrice'],
    answer: ['winner'],
    // With equal (wrong) prices the answer is the first noun. The true prices in a prompt always differ.
    solve: (values) => ({
      winner: valueOf(values, amount(values, 'otherPrice') > amount(values, 'itemPrice') ? 'other' : 'item'),
    }),
    step: '{item} {itemPrice} vs {other} {otherPrice} so',
    bodies: ['{winner}', 'it is {winner}', 'the {winner}', 'the dearer is {winner}'],
    hasUnit: false,
  },
  change: {
    prompt: 'pay {payment} for {item} change ?',
    composite: true,
    facts: ['itemPrice'],
    answer: ['change'],
    solve: (values) => ({ change: String(amount(values, 'payment') - amount(values, 'itemPrice')) }),
    step: '{payment} - {itemPrice} =',
    bodies: ['{change}', 'it is {change}', 'you get {change}', 'the change is {change}'],
    hasUnit: true,
  },
  trip: {
    prompt: '{item} then {other} route ?',
    composite: true,
    facts: ['itemPlace', 'otherPlace'],
    answer: ['itemPlace', 'otherPlace'],
    solve: () => ({}),
    step: '',
    bodies: [
      '{itemPlace} then {otherPlace}',
      'the {itemPlace} then the {otherPlace}',
      'go to the {itemPlace} then the {otherPlace}',
      'first go to the {itemPlace} then the {otherPlace}',
    ],
    hasUnit: false,
  },
} as const satisfies Record<TaskId, Task>;

/** The noun and the kind of the fact in each slot. */
export const factSlots = {
  itemPrice: { noun: 'item', kind: 'price' },
  otherPrice: { noun: 'other', kind: 'price' },
  itemPlace: { noun: 'item', kind: 'place' },
  otherPlace: { noun: 'other', kind: 'place' },
} as const satisfies Record<FactSlot, { noun: 'item' | 'other'; kind: FactKind }>;

/** A prompt that was parsed: its task and the words in its slots. */
export interface Question {
  readonly id: TaskId;
  readonly task: Task;
  readonly values: Values;
}

/**
 * Parses a prompt.
 *
 * @throws ApolabError if it is not a prompt of the miniature world; the message lists the forms of its prompts.
 *
 * @example
 * parsePrompt('price of tea ?'); // { id: 'price', task: ..., values: { item: 'tea' } }
 */
export function parsePrompt(prompt: string): Question {
  const words = splitWords(prompt);
  for (const id of taskIds) {
    const found = match(tasks[id].prompt, words);
    if (found?.end === words.length) return { id, task: tasks[id], values: found.values };
  }
  const known = taskIds.map((id) => `'${tasks[id].prompt}'`).join(', ');
  throw new ApolabError(`'${prompt}' is not a prompt of the miniature world. Its prompts: ${known}.`);
}

/** The fact that a question needs in one of its slots. */
export function factOf(facts: Facts, question: Question, slot: FactSlot): Fact {
  const { noun, kind } = factSlots[slot];
  return facts[kind].get(valueOf(question.values, noun))!;
}

/** The question's values with each fact as `believe` gives it, and the answer that follows from them. */
export function solve(facts: Facts, question: Question, believe: (fact: Fact) => string): Values {
  const believed = question.task.facts.map((slot) => [slot, believe(factOf(facts, question, slot))]);
  const values: Values = { ...question.values, ...(Object.fromEntries(believed) as Values) };
  return { ...values, ...question.task.solve(values) };
}

/** The question's values with the true facts and the right answer. */
export function solveTruly(facts: Facts, question: Question): Values {
  return solve(facts, question, (fact) => fact.truth);
}

function amount(values: Values, slot: Slot): number {
  return Number(valueOf(values, slot));
}
