/** The score of a policy: greedy answers to a world's hard held-out prompts, checked one by one. */
import type { LanguageModel } from '../model/index.js';
import { createWorld, hardPrompts, score, type World } from '../worlds/village/index.js';
import type { Evaluation, EvaluationSplit } from '../ablation/cell/cell.js';

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
  const { world, prompts } = exam(worldSeed, split, evaluationPrompts);
  return score(world, prompts, await policy.generate(prompts, { maxNewTokens }));
}

/** The last exam, kept: every checkpoint of a run sits the same one. */
let last: { readonly key: string; readonly world: World; readonly prompts: readonly string[] } | undefined;

function exam(worldSeed: number, split: EvaluationSplit, count: number) {
  const key = [worldSeed, split, count].join();
  if (last?.key !== key) {
    const world = createWorld(worldSeed);
    last = { key, world, prompts: hardPrompts(world, split, count) };
  }
  return last;
}
