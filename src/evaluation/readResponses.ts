/** Ready responses of a file, found by the benchmark's own names of its examples. */
import { ApolabError } from '../core/errors.js';
import type { ItemId } from './benchmark.js';
import { readRows } from './readRows.js';

/** Responses by `idKey`; made by `readResponses`. */
export interface ReadyResponses {
  /** The file that they are from, for messages. */
  readonly source: string;
  /** The response to the example of this name; `undefined` if the file has none. */
  of(id: ItemId): string | undefined;
}

/**
 * The responses of a JSONL file whose rows have a `response` and the fields that name an example: `key` for IFEval, `split` and
 * `id` for MixEval. Examples without a response are left out of the evaluation.
 *
 * @throws ApolabError if the file cannot be read or a row has no response
 * @example
 * await evaluate(await readResponses('responses.jsonl'), 'ifeval', { data: 'ifeval.jsonl' });
 */
export async function readResponses(file: string): Promise<ReadyResponses> {
  const rows = await readRows(file);
  for (const [index, { response }] of rows.entries()) {
    if (typeof response !== 'string')
      throw new ApolabError(`Row ${index + 1} of ${file} has no response: expected {"key": ..., "response": "..."}.`);
  }
  const indexes = new Map<string, Map<string, string>>();
  const indexBy = (names: readonly string[]) => {
    const name = names.join();
    const index = indexes.get(name) ?? new Map(rows.map((row) => [keyOf(names, row), row.response as string] as const));
    indexes.set(name, index);
    return index;
  };
  return { source: file, of: (id) => indexBy(Object.keys(id)).get(keyOf(Object.keys(id), id)) };
}

/** Numbers and texts of the same digits are one name: programs write keys as either. */
function keyOf(names: readonly string[], row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(names.map((name) => String(row[name])));
}
