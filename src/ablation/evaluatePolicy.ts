/** The score of a policy: greedy answers to a world's hard held-out prompts, checked one by one. */
import type { LanguageModel } from '../model/index.js';
import { createWorld, hardPrompts, score } from '../world/index.js';
import type { Evaluation, EvaluationSplit } from './cell.js';

export interface EvaluationSettings {
  readonly worldSeed: number;
  readonly evaluationPrompts: number;
  readonly split?: EvaluationSplit;
}

/** The longest response of the world has 34 tokens; a policy that goes on longer is cut off and marked as it stands. */
const maxNewTokens = 48;

/**
 * The base and every checkpoint are scored by this one function, so changes are changes of the policy.
 *
 * @example
 * const { score } = await evaluatePolicy(policy, { worldSeed: 0, evaluationPrompts: 320 });
 */
export async function evaluatePolicy(
  policy: LanguageModel,
  { worldSeed, evaluationPrompts, split = 'test' }: EvaluationSettings,
): Promise<Evaluation> {
  const world = createWorld(worldSeed);
  const prompts = hardPrompts(world, split, evaluationPrompts);
  return score(world, prompts, await policy.generate(prompts, { maxNewTokens }));
}
