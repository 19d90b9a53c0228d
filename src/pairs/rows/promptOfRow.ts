/** Parses one row of a prompts file: the prompt, and the policy's response if the row has one. */
import type { Prompt } from '../pair.js';
import { attempt, type Skipped } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { textOf } from './answerText.js';
import { asPromptRow } from './foreignRows.js';
import { readAnswer, readPrompt, type AnswerRead } from './readValues.js';

/** A prompt with its response, if there is one; or the reason why the row is not a prompt. */
export type AnsweredPrompt = { readonly kind: 'prompt'; readonly prompt: Prompt; readonly response?: string } | Skipped;

/**
 * Parses the `prompt` of a row and its `response`, if it has one: a string, or messages that end with the assistant's. If the
 * row has no `prompt`, it is taken from the messages before the answer in `response`, or else in `chosen`.
 *
 * @example
 * promptOfRow({ prompt: '1 + 1 ?', response: '3' }); // { kind: 'prompt', prompt: '1 + 1 ?', response: '3' }
 */
export function promptOfRow(given: Row): AnsweredPrompt {
  return attempt(() => {
    const row = asPromptRow(given);
    const answer = (row.response ?? undefined) === undefined ? undefined : readAnswer(row, 'response');
    const isPairOnly = row.prompt === undefined && answer === undefined && (row.chosen ?? undefined) !== undefined;
    const found = readPrompt(row, answer === undefined ? (isPairOnly ? bothAnswers(row) : []) : [answer]);
    return {
      kind: 'prompt',
      prompt: found.conversation ?? found.prompt,
      ...(answer === undefined ? {} : { response: textOf(found.answers[0]!) }),
    };
  });
}

/** The answers of a pair, from which its prompt is taken; only the chosen one if there is no other. */
function bothAnswers(row: Row): readonly AnswerRead[] {
  const columns = ['chosen', 'rejected'].filter((column) => (row[column] ?? undefined) !== undefined);
  return columns.map((column) => readAnswer(row, column));
}
