/**
 * The paper's four datasets for the miniature world: the general builders with the world's judge, reviser, weaker models and
 * stronger model.
 *
 * All four use the same prompts in the same order, so that datasets of one seed differ only in how their pairs are made.
 */
import type { BuildOptions } from '../../builders/buildOptions.js';
import { type BuilderParts, buildFromParts } from '../../builders/table.js';
import type { DatasetId } from '../../datasets/paper.js';
import type { PreferencePair } from '../../pairs/pair.js';
import type { Responder } from '../../responders/responder.js';
import { demonstratorResponder } from './demonstrators.js';
import { gradedJudge } from './judge.js';
import { minimalReviser } from './reviser.js';
import { preferencePrompts } from './splits.js';
import type { World } from './world.js';

/** The options of every builder except the prompts, which come from the world. */
export type BuildPairsOptions = Omit<BuildOptions, 'prompts'>;

/** The parts that builders may need, for a given policy. */
function partsOf(world: World, policy: Responder): BuilderParts {
  return {
    policy,
    reviser: minimalReviser(world),
    judge: gradedJudge(world),
    responders: [demonstratorResponder(world, 'weakA'), demonstratorResponder(world, 'weakB')],
    stronger: demonstratorResponder(world, 'strong'),
  };
}

/**
 * The preference pairs of one of the four datasets, built for a policy.
 *
 * @example
 * const policy = demonstratorResponder(village, 'novice');
 * const pairs = await collect(buildPairs(village, 'clair', policy, { count: 400, seed: 0 }));
 */
export function buildPairs(
  world: World,
  dataset: DatasetId,
  policy: Responder,
  options: BuildPairsOptions,
): AsyncGenerator<PreferencePair, void> {
  const prompts = preferencePrompts(world, options.seed ?? 0);
  return buildFromParts(dataset, partsOf(world, policy), { ...options, prompts });
}
