/**
 * The paper's four datasets as the miniature world builds them: the general builders, with the world's own judge,
 * reviser, weaker models and stronger model.
 *
 * All four draw on the same ordered prompts, so that datasets of one seed differ in how pairs are made, not in what is
 * asked.
 */
import type { BuildOptions } from '../../builders/build.js';
import { clair } from '../../builders/clair.js';
import { judgeOffPolicy } from '../../builders/judgeOffPolicy.js';
import { judgeOnPolicy } from '../../builders/judgeOnPolicy.js';
import type { PreferencePair } from '../../pairs/pair.js';
import type { Responder } from '../../responders/responder.js';
import { strongerPreferred } from '../../builders/strongerPreferred.js';
import { demonstratorResponder } from './demonstrators.js';
import { gradedJudge } from './judge.js';
import { minimalReviser } from './reviser.js';
import { preferencePrompts } from './splits.js';
import type { World } from './world.js';
import type { DatasetId } from '../../datasets/paper.js';

/** As for every builder, without the prompts: these are the world's. */
export type BuildPairsOptions = Omit<BuildOptions, 'prompts'>;

type Builder = (world: World, policy: Responder, options: BuildOptions) => AsyncGenerator<PreferencePair, void>;

const builders = {
  clair: (world, policy, options) => clair({ ...options, policy, reviser: minimalReviser(world) }),
  judge_on_policy: (world, policy, options) => judgeOnPolicy({ ...options, policy, judge: gradedJudge(world) }),
  judge_off_policy: (world, _policy, options) =>
    judgeOffPolicy({
      ...options,
      responders: [demonstratorResponder(world, 'weakA'), demonstratorResponder(world, 'weakB')],
      judge: gradedJudge(world),
    }),
  stronger_preferred: (world, policy, options) =>
    strongerPreferred({ ...options, policy, stronger: demonstratorResponder(world, 'strong') }),
} as const satisfies Record<DatasetId, Builder>;

/**
 * Preference pairs of one of the four datasets, built for this policy.
 *
 * @example
 * const policy = demonstratorResponder(world, 'novice');
 * const pairs = await collect(buildPairs(world, 'clair', policy, { count: 400, seed: 0 }));
 */
export function buildPairs(
  world: World,
  dataset: DatasetId,
  policy: Responder,
  options: BuildPairsOptions,
): AsyncGenerator<PreferencePair, void> {
  return builders[dataset](world, policy, { ...options, prompts: preferencePrompts(world, options.seed ?? 0) });
}
