/** Reads prompts from a file, with the policy's responses if the file has them. */
import type { Prompt } from '../pair.js';
import type { Row } from '../formats/fileRow.js';
import type { SkippedRow } from './skipped.js';
import { promptOfRow, type AnsweredPrompt } from './promptOfRow.js';
import { readSource, type ExpectedRows, type SourceOptions } from '../sources/readSource.js';

/** One row of a prompts file: a prompt, or the reason why it is not one. */
export type PromptRow =
  | {
      readonly kind: 'prompt';
      /** The row's number; in JSONL and in text the line, from 1. */
      readonly row: number;
      /** A text, or a conversation as a list of messages that ends with the user's. */
      readonly prompt: Prompt;
      /** The policy's response, if the row has one already. */
      readonly response?: string;
    }
  | {
      readonly kind: 'skipped';
      readonly row: number;
      /** What is wrong, and what would be right. */
      readonly reason: string;
      /** The text of the row; only its beginning if it is too long. */
      readonly text: string;
    };

/** All rows of a prompts file. */
export interface PromptsRead {
  /** Texts, or conversations as lists of messages. */
  readonly prompts: Prompt[];
  readonly skipped: SkippedRow[];
}

const expectedPrompts: ExpectedRows = { example: '{"prompt": "..."}', textColumn: 'prompt' };

/**
 * The prompts of a file one at a time, so that the file may be larger than memory. Each row of JSONL, CSV or Parquet gives
 * its `prompt` (a text or a list of messages; pairs files work too) and its `response`, if it has one; each line of a plain
 * text file is a prompt. A row that is not a prompt is yielded too, with its reason.
 *
 * @throws ApolabError if the file does not exist, can't be read, or has no rows
 * @example
 * for await (const row of streamPrompts('prompts.jsonl')) {
 *   if (row.kind === 'prompt') console.log(row.prompt, row.response ?? '(not answered yet)');
 *   else console.error(`row ${row.row}: ${row.reason}`);
 * }
 */
export async function* streamPrompts(source: string, options: SourceOptions = {}): AsyncGenerator<PromptRow, void> {
  yield* promptRows(source, options, promptOfRow);
}

/**
 * Reads all prompts of a file, as `streamPrompts` yields them, without their responses.
 *
 * @throws ApolabError if the file does not exist, can't be read, or has no rows
 * @example
 * const { prompts } = await readPrompts('prompts.txt');
 */
export async function readPrompts(source: string, options: SourceOptions = {}): Promise<PromptsRead> {
  const read: PromptsRead = { prompts: [], skipped: [] };
  for await (const row of promptRows(source, options, withoutAnswer)) {
    if (row.kind === 'prompt') read.prompts.push(row.prompt);
    else read.skipped.push({ line: row.row, reason: row.reason, text: row.text });
  }
  return read;
}

/** Ignores the response of a row that has a prompt, so that a faulty response does not skip the prompt. */
function withoutAnswer(values: Row): AnsweredPrompt {
  return promptOfRow(values.prompt === undefined ? values : { prompt: values.prompt });
}

async function* promptRows(
  source: string,
  options: SourceOptions,
  parse: (values: Row) => AnsweredPrompt,
): AsyncGenerator<PromptRow, void> {
  for await (const row of readSource(source, expectedPrompts, options)) {
    const parsed = row.kind === 'values' ? parse(row.values) : { kind: 'skipped' as const, reason: row.reason };
    yield parsed.kind === 'prompt'
      ? { row: row.row, ...parsed }
      : { kind: 'skipped', row: row.row, reason: parsed.reason, text: row.text() };
  }
}
