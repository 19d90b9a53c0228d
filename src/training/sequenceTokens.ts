/** The count of tokens that a run logs as `num_tokens`. */
import type { ObjectiveEntry } from '../objectives/index.js';
import { labelsOf, type TokenizedExample } from './tokenize.js';

/**
 * The tokens of an example's sequences as TRL's trainers count them (the sum of `attention_mask`): prompt and response of each
 * response, without padding. The prompt of a pair counts twice. SFTTrainer's batches have only the chosen responses; the
 * combinations for KTO's KL estimate do not count.
 *
 * @example
 * sequenceTokens({ prompt: [1, 2, 3], responses: [[4, 5], [6]] }, objectives.dpo); // 9
 */
export function sequenceTokens(example: TokenizedExample, { trlTrainer }: Pick<ObjectiveEntry, 'trlTrainer'>): number {
  const labels = labelsOf(example);
  const counted = example.responses.filter((_, index) => trlTrainer !== 'SFTTrainer' || labels[index]!);
  return counted.reduce((sum, response) => sum + example.prompt.length + response.length, 0);
}
