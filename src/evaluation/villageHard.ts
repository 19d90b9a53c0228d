/** The village's hard split: held-out composite questions about the village, answered right or wrong. */
import { grade } from '../worlds/village/checker.js';
import { hardPrompts } from '../worlds/village/splits.js';
import { createWorld, type World } from '../worlds/village/world.js';
import type { Benchmark } from './benchmark.js';

/** Held-out examples: `test` is for reported scores, `validation` is for choosing settings. */
export type EvaluationSplit = 'test' | 'validation';

/** Which questions are asked. */
export interface VillageHardOptions {
  /** Seed of the village; 0 by default. */
  readonly seed?: number;
  /** `test` by default. */
  readonly split?: EvaluationSplit;
  /** How many questions, 320 by default; fewer if the split has no more. */
  readonly count?: number;
}

/** A question with the village that knows its answer. */
export interface VillageHardExample {
  readonly world: World;
  readonly prompt: string;
}

/** The longest response of the village has 34 tokens; a longer one is cut off and scored as it is. */
const maxNewTokens = 48;

/** The benchmark: a response scores 1 if all of its content is right, else 0. */
export const villageHard: Benchmark<VillageHardExample, VillageHardOptions> = {
  label: 'Village, hard split',
  measures:
    'Whether held-out questions that need several facts, at least one of them contested, are answered correctly.',
  needs: [],
  generation: { maxNewTokens },
  examples: ({ seed = 0, split = 'test', count = 320 }) => examplesOf(seed, split, count),
  prompt: ({ prompt }) => prompt,
  score: ({ world, prompt }, response) => (grade(world, prompt, response).correct ? 1 : 0),
};

/** The last examples, kept because every checkpoint of a run is scored on the same ones. */
let last: { readonly key: string; readonly examples: readonly VillageHardExample[] } | undefined;

function examplesOf(seed: number, split: EvaluationSplit, count: number): readonly VillageHardExample[] {
  const key = [seed, split, count].join();
  if (last?.key !== key) {
    const world = createWorld(seed);
    last = { key, examples: hardPrompts(world, split, count).map((prompt) => ({ world, prompt })) };
  }
  return last.examples;
}
