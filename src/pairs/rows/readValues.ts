/** Checks the values of a row that are texts, messages or answers. */
import type { Message } from '../pair.js';
import { BadRow } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { isWellFormed } from '../formats/isWellFormed.js';

/** An answer: a text, or in the conversational form the last of a list of messages. */
export interface AnswerRead {
  readonly text: string;
  /** The messages before the answer; undefined if the answer is a string. */
  readonly before: readonly Message[] | undefined;
}

/**
 * The answer in a column: a string, or a list of `{role, content}` that ends with the assistant's.
 *
 * @throws BadRow if it is anything else
 */
export function readAnswer(row: Row, column: string): AnswerRead {
  const value = required(row, column);
  if (!Array.isArray(value)) return { text: nonEmptyString(value, column), before: undefined };
  const messages = readMessages(value, column);
  const answer = messages.at(-1);
  if (answer?.role !== 'assistant') {
    throw new BadRow(
      column,
      `"${column}" ends with ${answer === undefined ? 'no message' : `a message by "${answer.role}"`}; its last message must be the assistant's answer`,
    );
  }
  return { text: answer.content, before: messages.slice(0, -1) };
}

/** The prompt of a row. */
export interface PromptRead {
  /** The user's last message, as text. */
  readonly prompt: string;
  /** The messages up to and including it, if any part of the row is conversational. */
  readonly conversation?: readonly Message[];
}

/**
 * The prompt of a row: its column `prompt`, a string or messages that end with the user's; without that column, the messages
 * before the answers.
 *
 * @throws BadRow if there is no prompt, or the answers belong to different prompts
 */
export function readPrompt(row: Row, answers: readonly AnswerRead[]): PromptRead {
  const repeated = answers.flatMap(({ before = [] }) => (before.length > 0 ? [before] : []));
  const isImplied = row.prompt === undefined && answers.length > 0 && repeated.length === answers.length;
  const given = isImplied ? repeated[0] : required(row, 'prompt');
  if (Array.isArray(given)) {
    const conversation = readMessages(given, 'prompt');
    const prompt = endsWithQuestion(conversation, row.prompt === undefined ? beforeAnswers : '"prompt"');
    if (repeated.some((messages) => !sameMessages(messages, conversation))) throw otherPrompt(answers.length);
    return { prompt, conversation };
  }
  const prompt = nonEmptyString(given, 'prompt');
  const [first] = repeated;
  if (first !== undefined) {
    const same = repeated.every((messages) => sameMessages(messages, first));
    if (!same || endsWithQuestion(first, beforeAnswers) !== prompt) throw otherPrompt(answers.length);
    return { prompt, conversation: first };
  }
  const conversational = answers.some(({ before }) => before !== undefined);
  return { prompt, ...(conversational ? { conversation: [{ role: 'user', content: prompt }] } : {}) };
}

const beforeAnswers = 'the list of messages before the answers';

function otherPrompt(answers: number): BadRow {
  const [who, them] =
    answers === 1
      ? ['"response" must answer the prompt', 'it']
      : ['"chosen" and "rejected" must answer the same prompt', 'them'];
  return new BadRow('prompt', `${who}, but the messages before ${them} differ from it`);
}

function sameMessages(left: readonly Message[], right: readonly Message[]): boolean {
  const same = (message: Message, index: number) =>
    message.role === right[index]?.role && message.content === right[index].content;
  return left.length === right.length && left.every(same);
}

/** The text of the last message, which must be the user's; `what` names the list in the error. */
function endsWithQuestion(messages: readonly Message[], what: string): string {
  const last = messages.at(-1);
  if (last?.role === 'user') return last.content;
  throw new BadRow(
    'prompt',
    `${what} ends with ${last === undefined ? 'no message' : `a message by "${last.role}"`}; the last message before the answers must be the user's`,
  );
}

function readMessages(values: readonly unknown[], column: string): Message[] {
  return values.map((value, index) => {
    const field = `"${column}"[${index}]`;
    const { role, content } = (value ?? {}) as Partial<Record<keyof Message, unknown>>;
    if (typeof role !== 'string' || role === '') {
      throw new BadRow(column, `${field} has no "role"; write {"role": "user", "content": "..."}`);
    }
    return { role, content: nonEmptyString(content, column, `${field}.content`) };
  });
}

/** The value of a column; throws a BadRow if the row lacks it. */
export function required(row: Row, column: string): unknown {
  const value = row[column];
  if (value !== undefined) return value;
  const present = Object.keys(row).map((key) => `"${key}"`);
  throw new BadRow(
    column,
    `"${column}" is missing; the row has ${present.length === 0 ? 'no fields' : present.join(', ')}`,
  );
}

/** Checks that a value is a text that tokenizers accept; throws a BadRow that names `field` otherwise. */
export function nonEmptyString(value: unknown, column: string, field = `"${column}"`): string {
  if (typeof value !== 'string') throw new BadRow(column, `${field} is ${kindOf(value)}; make it a string`);
  if (value.trim() === '') throw new BadRow(column, `${field} is empty; write its text or remove the row`);
  if (!isWellFormed(value)) {
    throw new BadRow(
      column,
      `${field} has half a character (a lone surrogate such as \\ud83d), which no tokenizer accepts; fix its text`,
    );
  }
  return value;
}

/** The kind of a value for error messages: `a list`, `an object`, `a number`. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
