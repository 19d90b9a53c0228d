import { writeAtomic } from '../../files.js';
import type { PreferencePair } from '../pair.js';

/**
 * Writes pairs as JSONL, whole or not at all: one object a line with `prompt`, `chosen`, `rejected` and, where a pair has
 * one, `rationale`. A pair with a conversation is written as one (lists of `{role, content}`, TRL's conversational form).
 * `readPairs` and Hugging Face's `load_dataset('json')` read it back.
 *
 * @example
 * await writePairs('results/clair.jsonl', await collect(clair(options)));
 */
export async function writePairs(file: string, pairs: Iterable<PreferencePair>): Promise<void> {
  const lines = Array.from(pairs, (pair) => `${JSON.stringify(toRow(pair))}\n`);
  await writeAtomic(file, lines.join(''));
}

function toRow({ prompt, chosen, rejected, rationale, conversation }: PreferencePair): Record<string, unknown> {
  if (conversation === undefined) return { prompt, chosen, rejected, rationale };
  const answer = (content: string) => [{ role: 'assistant', content }];
  return { prompt: conversation, chosen: answer(chosen), rejected: answer(rejected), rationale };
}
