import path from 'node:path';
import type { Message } from '../pair.js';
import { parsePrompt } from './parsePair.js';
import { longestLine, readRows, type RejectedRow } from './readRows.js';

export interface PromptsRead {
  /** Texts, or conversations as lists of messages. */
  readonly prompts: (string | readonly Message[])[];
  readonly rejected: RejectedRow[];
}

/**
 * Reads prompts: of a `.jsonl` file the `prompt` of each row (a text or a list of messages; a pairs file will do), of any
 * other file a prompt a line.
 *
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
 * @example
 * const { prompts } = await readPrompts('prompts.txt');
 */
export async function readPrompts(file: string): Promise<PromptsRead> {
  const isJson = path.extname(file).toLowerCase() === '.jsonl';
  const expected = isJson ? '{"prompt": "..."}' : 'a prompt';
  const { good, rejected } = await readRows<PromptsRead['prompts'][number]>(file, longestLine, expected, (text) => {
    if (!isJson) return { kind: 'good', value: text };
    const parsed = parsePrompt(text);
    return parsed.kind === 'rejected' ? parsed : { kind: 'good', value: parsed.conversation ?? parsed.prompt };
  });
  return { prompts: good, rejected };
}
