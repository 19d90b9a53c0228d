/**
 * Preference pairs from a file, row by row. A row that is no pair is never lost: it comes back with its number, its reason
 * and its text, beside the pairs that are good.
 */
import type { PreferencePair } from '../pair.js';
import type { RejectedRow } from './fileRow.js';
import { pairOfRow } from './parsePair.js';
import { readSource, type SourceOptions, type Wanted } from './source.js';

export interface ReadPairsOptions extends SourceOptions {
  /** The caller's own test of a pair: the reason why it can't be used, or undefined where it can. */
  readonly check?: (pair: PreferencePair) => string | undefined;
}

export interface PairsRead {
  readonly pairs: PreferencePair[];
  readonly rejected: RejectedRow[];
}

const wanted: Wanted = { example: '{"prompt": "...", "chosen": "...", "rejected": "..."}' };

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
export async function readPairs(source: string, options: ReadPairsOptions = {}): Promise<PairsRead> {
  const read: PairsRead = { pairs: [], rejected: [] };
  for await (const row of readSource(source, wanted, options)) {
    const reject = (reason: string) => read.rejected.push({ line: row.row, reason, text: row.text() });
    const parsed = row.kind === 'values' ? pairOfRow(row.values) : row;
    if (parsed.kind !== 'pair') {
      reject(parsed.reason);
      continue;
    }
    const reason = options.check?.(parsed.pair);
    if (reason === undefined) read.pairs.push(parsed.pair);
    else reject(reason);
  }
  return read;
}
