import { writeAtomic } from '../files.js';
import type { PreferencePair } from './pair.js';

/**
 * Writes pairs as JSONL, whole or not at all: one object a line with `prompt`, `chosen`, `rejected` and, where a pair has
 * one, `rationale`. `readPairs` and Hugging Face's `load_dataset('json')` read it back.
 *
 * @example
 * await writePairs('results/clair.jsonl', await collect(clair(options)));
 */
export async function writePairs(file: string, pairs: Iterable<PreferencePair>): Promise<void> {
  const lines = Array.from(
    pairs,
    ({ prompt, chosen, rejected, rationale }) => `${JSON.stringify({ prompt, chosen, rejected, rationale })}\n`,
  );
  await writeAtomic(file, lines.join(''));
}
