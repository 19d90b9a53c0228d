/** From pairs to token ids for training, with the results of the template checks. */
import { ApolabError } from '../core/errors.js';
import { nextTurn } from '../core/nextTurn.js';
import type { LanguageModel } from '../model/index.js';
import type { PreferencePair } from '../pairs/pair.js';
import { examinePair } from './examinePair.js';
import { hasEqualResponses, type TokenizedPair } from './tokenize.js';
import { findTemplateProblems, type CheckedPair, type TemplateFinding } from './templateChecks.js';

/** Pairs that are tokenized before timers can run. */
const pairsPerTurn = 128;

/** The result of `prepareExamples`. */
export interface PreparedExamples {
  /** The pairs that can be trained on, in their order. */
  readonly tokenized: TokenizedPair[];
  /** What the template checks found. */
  readonly findings: TemplateFinding[];
}

/**
 * Tokenizes pairs and runs the template checks on them.
 *
 * @param maxLength most tokens per sequence; longer ones are cut. A pair whose prompt leaves no room, or whose responses are equal then, is
 * skipped and counted in the findings
 * @throws ApolabError if there are no pairs, one of them cannot be trained on, or none is left.
 */
export async function prepareExamples(
  model: LanguageModel,
  pairs: readonly PreferencePair[],
  maxLength?: number,
): Promise<PreparedExamples> {
  if (pairs.length === 0) throw new ApolabError('There are no pairs to train on.');
  const { tokenizer, config } = model;
  const checked: CheckedPair[] = [];
  for (const [index, pair] of pairs.entries()) {
    if (index > 0 && index % pairsPerTurn === 0) await nextTurn();
    const examined = examinePair(tokenizer, config.maxPositions, pair, maxLength);
    if (examined.kind === 'untrainable') {
      throw new ApolabError(`Pair ${index + 1} of ${pairs.length} cannot be trained on: ${examined.reason}.`);
    }
    checked.push({
      number: index + 1,
      pair,
      whole: examined.whole,
      cut: examined.kind === 'no room' ? undefined : examined.tokenized,
    });
  }
  const tokenized = checked.flatMap(({ cut }) => (cut === undefined || hasEqualResponses(cut) ? [] : [cut]));
  if (tokenized.length === 0) {
    const why = checked.every(({ cut }) => cut === undefined)
      ? `every prompt alone fills the max length of ${maxLength!} tokens. Allow more, or shorten the prompts.`
      : `cut to the max length of ${maxLength!} tokens, both responses of every pair are the same. Allow more tokens.`;
    throw new ApolabError(`No pair can be trained on: ${why}`);
  }
  return { tokenized, findings: findTemplateProblems(tokenizer, checked) };
}
