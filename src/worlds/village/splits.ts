/**
 * The splits of the prompts: validation, test, and the pool for pretraining and preferences.
 *
 * The hash of a composite prompt's text decides its split (FNV-1a modulo 10: 0 is validation, 1 and 2 are test, the others are pool).
 * Easy prompts are always in the pool. A *hard* prompt is composite, held out, and needs at least one contested fact.
 */
import { createRandom, fnv1a, type Random } from '../../core/random.js';
import { answer } from './demonstrators.js';
import { fill, type Values } from './pattern.js';
import { factOf, parsePrompt, solveTruly, type TaskId, taskIds, tasks } from './tasks.js';
import { nouns, payments } from './vocabulary.js';
import type { World } from './world.js';

/** The name of a split. */
export type Split = 'validation' | 'test' | 'pool';

/** The share of each task in pretraining and in preference prompts. */
export const taskMix = {
  price: 0.1,
  place: 0.1,
  cost: 0.2,
  dearer: 0.2,
  change: 0.2,
  trip: 0.2,
} as const satisfies Record<TaskId, number>;

const expertShare = 0.35;

/**
 * The split of a prompt.
 *
 * @throws ApolabError if the prompt does not belong to the world.
 */
export function splitOf(prompt: string): Split {
  if (!parsePrompt(prompt).task.composite) return 'pool';
  const bucket = fnv1a(prompt) % 10;
  return bucket === 0 ? 'validation' : bucket <= 2 ? 'test' : 'pool';
}

/**
 * An endless stream of preference prompts in an order that follows from the seed: tasks in the proportions of `taskMix`, covered
 * nouns only, from the pool. A task's prompt is repeated only after all other prompts of that task.
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

/** An endless stream of pretraining examples: pool prompts about all nouns, answered by the expert (35 %) or the novice. */
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
 * The hard prompts of a split: distinct prompts about all nouns, the four composite tasks in turn. A task without further prompts is
 * left out (`change` is the first). There are fewer than `count` only if the world has no more. The order follows from the world, so
 * a smaller count gives the beginning of a larger one.
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

/** All prompts of a split about the given nouns. */
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

/** Only such comparisons have a right answer. */
function pricesDiffer(world: World, prompt: string): boolean {
  const { itemPrice, otherPrice } = solveTruly(world.facts, parsePrompt(prompt));
  return itemPrice !== otherPrice;
}
