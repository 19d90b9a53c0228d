/** Prompts from a file, with the student's answers where the file has them. */
import type { Prompt } from '../pair.js';
import type { Row } from '../formats/fileRow.js';
import type { SkippedRow } from './skipped.js';
import { promptOfRow, type AnsweredPrompt } from './parsePrompt.js';
import { readSource, type SourceOptions, type Wanted } from '../sources/readSource.js';

/** One row of a prompts file: what is asked, or the reason why it is none. */
export type PromptRow =
  | {
      readonly kind: 'prompt';
      /** The row's number; in JSONL and in text the line, from 1. */
      readonly row: number;
      /** A text, or a conversation as a list of messages that the user ends. */
      readonly prompt: Prompt;
      /** What the student has answered already, where the row says so. */
      readonly response?: string;
    }
  | {
      readonly kind: 'skipped';
      readonly row: number;
      /** What is wrong with it and what would be right. */
      readonly reason: string;
      /** The row as it is; of an overlong one its first characters. */
      readonly text: string;
    };

export interface PromptsRead {
  /** Texts, or conversations as lists of messages. */
  readonly prompts: Prompt[];
  readonly skipped: SkippedRow[];
}

const wanted: Wanted = { example: '{"prompt": "..."}', textColumn: 'prompt' };

/**
 * The prompts of a file one at a time, so that a file larger than memory will do: of a `.jsonl` file the `prompt` of each
 * row (a text or a list of messages; a pairs file will do) and its `response` where there is one, of any other file a
 * prompt a line. A row that is no prompt is yielded too, with its reason.
 *
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
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
 * Reads all prompts of a file, as `streamPrompts` yields them; answers are left out.
 *
 * @throws ApolabError where the file isn't there, can't be read or has no rows at all
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

/** A row whose prompt is there need not have an answer that anybody can use. */
function withoutAnswer(values: Row): AnsweredPrompt {
  return promptOfRow(values.prompt === undefined ? values : { prompt: values.prompt });
}

async function* promptRows(
  source: string,
  options: SourceOptions,
  parse: (values: Row) => AnsweredPrompt,
): AsyncGenerator<PromptRow, void> {
  for await (const row of readSource(source, wanted, options)) {
    const parsed = row.kind === 'values' ? parse(row.values) : { kind: 'skipped' as const, reason: row.reason };
    yield parsed.kind === 'prompt'
      ? { row: row.row, ...parsed }
      : { kind: 'skipped', row: row.row, reason: parsed.reason, text: row.text() };
  }
}
