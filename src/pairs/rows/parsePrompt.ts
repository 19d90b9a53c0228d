/** One row of a prompts file, read: what is asked, and the student's answer where the row has it. */
import type { Prompt } from '../pair.js';
import { attempt, type Skipped } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { parseObject } from '../formats/jsonl.js';
import { readAnswer, readPrompt, type PromptRead } from './readValues.js';

export type ParsedPrompt = ({ readonly kind: 'prompt' } & PromptRead) | Skipped;

/** Reads the `prompt` of one line of JSONL, whatever else it holds: a text, or a list of messages that a user ends. */
export function parsePrompt(text: string): ParsedPrompt {
  const parsed = parseObject(text);
  if (parsed.kind === 'unreadable') return { kind: 'skipped', reason: parsed.reason };
  return attempt(() => ({ kind: 'prompt', ...readPrompt(parsed.values, []) }));
}

export type AnsweredPrompt = { readonly kind: 'prompt'; readonly prompt: Prompt; readonly response?: string } | Skipped;

/**
 * Reads the `prompt` of a row and, where it has one, its `response`: a string, or messages that end with the assistant's.
 * Where the row has no `prompt`, it is what stands before the answer in `response`, or else in `chosen`.
 *
 * @example
 * promptOfRow({ prompt: '1 + 1 ?', response: '3' }); // { kind: 'prompt', prompt: '1 + 1 ?', response: '3' }
 */
export function promptOfRow(row: Row): AnsweredPrompt {
  return attempt(() => {
    const answer = (row.response ?? undefined) === undefined ? undefined : readAnswer(row, 'response');
    const isPairOnly = row.prompt === undefined && answer === undefined && Array.isArray(row.chosen);
    const { prompt, conversation } = readPrompt(row, answer ? [answer] : isPairOnly ? [readAnswer(row, 'chosen')] : []);
    return {
      kind: 'prompt',
      prompt: conversation ?? prompt,
      ...(answer === undefined ? {} : { response: answer.text }),
    };
  });
}
