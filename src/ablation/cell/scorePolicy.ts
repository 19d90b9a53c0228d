/** The score of a policy in its village. Base and checkpoints share this function, so a change is a change of the policy. */
import { evaluate } from '../../evaluation/evaluate.js';
import type { LanguageModel } from '../../model/index.js';
import type { CellSettings, PolicyScore } from './cell.js';

/** Scores a policy on the hard held-out prompts of its village. */
export async function scorePolicy(
  policy: LanguageModel,
  { worldSeed, evaluationPrompts, split }: Pick<CellSettings, 'worldSeed' | 'evaluationPrompts' | 'split'>,
): Promise<PolicyScore> {
  const { score, items } = await evaluate(policy, 'village_hard', { seed: worldSeed, count: evaluationPrompts, split });
  return { score, itemScores: items.map((item) => item.score) };
}
