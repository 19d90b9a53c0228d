/** What can be trained on: a preference pair, or a single response with a label. */
import { messagesOf, type PreferencePair } from '../pair.js';
import type { UnpairedExample } from './parseUnpaired.js';

/** A row that can be trained on. Which of the two an objective takes is in its row of the catalog (`paired`). */
export type TrainingRow = PreferencePair | UnpairedExample;

/** Whether a row is an unpaired example; otherwise it is a pair. */
export function isUnpaired(row: TrainingRow): row is UnpairedExample {
  return 'completion' in row;
}

/**
 * Pairs as unpaired examples: a desirable one of each chosen response, then an undesirable one of the rejected response. TRL's
 * `unpair_preference_dataset` makes the same examples, in another order.
 *
 * @example
 * const examples = [...unpairPairs(pairs), ...(await readUnpaired('rated.jsonl')).examples];
 */
export function unpairPairs(pairs: readonly PreferencePair[]): UnpairedExample[] {
  return pairs.flatMap((pair) => {
    const { prompt, conversation, tools, columns, responseMessages } = pair;
    const asked = {
      prompt,
      ...(conversation === undefined ? {} : { conversation }),
      ...(tools === undefined ? {} : { tools }),
      ...(columns === undefined ? {} : { columns }),
    };
    return (['chosen', 'rejected'] as const).map((field) => ({
      ...asked,
      completion: pair[field],
      label: field === 'chosen',
      ...(responseMessages === undefined ? {} : { completionMessages: messagesOf(pair)[field] }),
    }));
  });
}
