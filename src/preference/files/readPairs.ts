/**
 * Preference pairs from a JSONL file, row by row. A row that is no pair is never lost: it comes back with its line
 * number, its reason and its text, beside the pairs that are good.
 */
import type { PreferencePair } from '../pair.js';
import { parsePair } from './parsePair.js';
import { longestLine, readRows, type RejectedRow } from './readRows.js';

export type { RejectedRow };

export interface ReadPairsOptions {
  /** The caller's own test of a pair: the reason why it can't be used, or undefined where it can. */
  readonly check?: (pair: PreferencePair) => string | undefined;
  /** Longest line that is read, in bytes; 1 MiB by default. */
  readonly maxLineBytes?: number;
}

export interface PairsRead {
  readonly pairs: PreferencePair[];
  readonly rejected: RejectedRow[];
}

const expected = '{"prompt": "...", "chosen": "...", "rejected": "..."}';

/**
 * Reads a JSONL file of pairs: `prompt`, `chosen`, `rejected` and optionally `rationale` a line, as strings or in TRL's
 * conversational form. A byte order mark, CRLF and blank lines are tolerated; other fields are ignored.
 *
 * @returns the pairs in the file's order, and every other row with its line number and reason
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
 * @example
 * const { pairs, rejected } = await readPairs('pairs.jsonl');
 * console.log(`${pairs.length} pairs`, formatRejections(rejected, 'pairs.jsonl'));
 */
export async function readPairs(file: string, options: ReadPairsOptions = {}): Promise<PairsRead> {
  const { check, maxLineBytes = longestLine } = options;
  const { good, rejected } = await readRows(file, maxLineBytes, expected, (text) => {
    const parsed = parsePair(text);
    if (parsed.kind === 'rejected') return parsed;
    const reason = check?.(parsed.pair);
    return reason === undefined ? { kind: 'good', value: parsed.pair } : { kind: 'rejected', reason };
  });
  return { pairs: good, rejected };
}
