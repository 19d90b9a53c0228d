/**
 * Which prompts are for what: pretraining, preferences, validation, test.
 *
 * A composite prompt belongs to the split that the hash of its text says (FNV-1a modulo 10: 0 validation, 1 and 2 test,
 * the rest pool); easy prompts are always in the pool. A *hard* prompt is composite, held out and needs at least one
 * contested fact.
 */
import { createRandom, fnv1a, type Random } from '../../core/random.js';
import { answer } from './demonstrators.js';
import { fill, type Values } from './pattern.js';
import { factOf, parsePrompt, solveTruly, type TaskId, taskIds, tasks } from './tasks.js';
import { nouns, payments } from './vocabulary.js';
import type { World } from './world.js';

export type Split = 'validation' | 'test' | 'pool';

/** How often each task is asked in pretraining and in preference prompts. */
export const taskMix = {
  price: 0.1,
  place: 0.1,
  cost: 0.2,
  dearer: 0.2,
  change: 0.2,
  trip: 0.2,
} as const satisfies Record<TaskId, number>;

const expertShare = 0.35;

/** The split of a prompt. */
export function splitOf(prompt: string): Split {
  if (!parsePrompt(prompt).task.composite) return 'pool';
  const bucket = fnv1a(prompt) % 10;
  return bucket === 0 ? 'validation' : bucket <= 2 ? 'test' : 'pool';
}

/**
 * Preference prompts without end, in an order that the seed decides: tasks in the proportions of `taskMix`, covered nouns
 * only, pool only. No prompt of a task comes twice before all of them came once.
 */
export function* preferencePrompts(world: World, seed: number): Generator<string, never> {
  const random = createRandom(seed, world.seed, 'preference prompts');
  const pool = promptsByTask(world, [...world.facts.covered], 'pool');
  const decks: Record<TaskId, string[]> = { price: [], place: [], cost: [], dearer: [], change: [], trip: [] };
  for (;;) {
    const id = drawTask(random);
    if (decks[id].length === 0) decks[id] = random.shuffle(pool[id]);
    yield decks[id].pop()!;
  }
}

/** Pretraining examples without end: all nouns, pool prompts, answered by the expert (35 %) or the novice. */
export function* pretrainingExamples(
  world: World,
  seed: number,
): Generator<{ prompt: string; response: string }, never> {
  const random = createRandom(seed, world.seed, 'pretraining');
  const pool = promptsByTask(world, nouns, 'pool');
  for (;;) {
    const prompt = random.pick(pool[drawTask(random)]);
    const demonstrator = random.chance(expertShare) ? 'expert' : 'novice';
    yield { prompt, response: answer(world, demonstrator, prompt, random) };
  }
}

/**
 * The hard split: distinct prompts, the four composite tasks in turn until a task runs out of prompts (`change` is the
 * first to), over all nouns. Fewer than `count` only where the world has no more. The order is the world's, so a smaller
 * count gives the beginning of a larger one.
 */
export function hardPrompts(world: World, split: 'validation' | 'test', count: number): string[] {
  const random = createRandom(world.seed, 'hard prompts', split);
  const held = promptsByTask(world, nouns, split);
  const decks = taskIds
    .map((id) => random.shuffle(held[id].filter((prompt) => isContested(world, prompt))))
    .filter((deck) => deck.length > 0);
  const rounds = Math.max(0, ...decks.map((deck) => deck.length));
  const inTurn = Array.from({ length: rounds }, (_, round) => decks.flatMap((deck) => deck.slice(round, round + 1)));
  return inTurn.flat().slice(0, count);
}

function drawTask(random: Random): TaskId {
  return random.pickWeighted(
    taskIds,
    taskIds.map((id) => taskMix[id]),
  );
}

function isContested(world: World, prompt: string): boolean {
  const question = parsePrompt(prompt);
  return question.task.facts.some((slot) => factOf(world.facts, question, slot).contested);
}

/** All prompts of a split over these nouns. */
function promptsByTask(world: World, over: readonly string[], split: Split): Record<TaskId, string[]> {
  const singles: Values[] = over.map((item) => ({ item }));
  const paid = singles.flatMap((single): Values[] => payments.map((payment) => ({ ...single, payment })));
  const pairs = over.flatMap((item) =>
    over.filter((other) => other !== item).map((other): Values => ({ item, other })),
  );
  const write = (id: TaskId, all: readonly Values[]) =>
    all.map((values) => fill(tasks[id].prompt, values)).filter((prompt) => splitOf(prompt) === split);
  return {
    price: write('price', singles),
    place: write('place', singles),
    cost: write('cost', pairs),
    dearer: write('dearer', pairs).filter((prompt) => pricesDiffer(world, prompt)),
    change: write('change', paid),
    trip: write('trip', pairs),
  };
}

/** Only these comparisons have one right answer. */
function pricesDiffer(world: World, prompt: string): boolean {
  const { itemPrice, otherPrice } = solveTruly(world.facts, parsePrompt(prompt));
  return itemPrice !== otherPrice;
}
