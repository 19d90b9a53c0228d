/** Parses one row of a prompts file: the prompt, and the policy's response if the row has one. */
import type { Prompt } from '../pair.js';
import { attempt, type Skipped } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { readAnswer, readPrompt } from './readValues.js';

/** A prompt with its response, if there is one; or the reason why the row is not a prompt. */
export type AnsweredPrompt = { readonly kind: 'prompt'; readonly prompt: Prompt; readonly response?: string } | Skipped;

/**
 * Parses the `prompt` of a row and its `response`, if it has one: a string, or messages that end with the assistant's. If the
 * row has no `prompt`, it is taken from the messages before the answer in `response`, or else in `chosen`.
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
