/** Reads the prompt and the answers of a row, texts or messages. */
import { messageText } from '../../core/message.js';
import type { Message } from '../pair.js';
import { BadRow } from './badRow.js';
import { extractMessages, extractText } from './extractPrompt.js';
import type { Row } from '../formats/fileRow.js';
import { readMessages, sameMessages } from './readMessages.js';
import { nonEmptyString, required } from './readText.js';

/** The value of an answer's column: a text, or in the conversational form messages that end with the answer. */
export type AnswerRead = string | readonly Message[];

/**
 * The answer in a column: a string, or a list of messages that ends with the assistant's.
 *
 * @throws BadRow if it is anything else
 */
export function readAnswer(row: Row, column: string): AnswerRead {
  const value = required(row, column);
  if (!Array.isArray(value)) return nonEmptyString(value, column);
  const messages = readMessages(value, column);
  const last = messages.at(-1);
  if (last?.role === 'assistant') return messages;
  throw new BadRow(
    column,
    `"${column}" ends with ${last === undefined ? 'no message' : `a message by "${last.role}"`}; its last message must be the assistant's answer`,
  );
}

/** The prompt of a row, and what follows it in each answer. */
export interface PromptRead {
  /** The last message before the answers, as text. */
  readonly prompt: string;
  /** The messages up to and including it, if any part of the row is conversational. */
  readonly conversation?: readonly Message[];
  /** The answers without the prompt, in their order. */
  readonly answers: readonly AnswerRead[];
}

/**
 * The prompt of a row: its column `prompt`, a string or messages that end with the user's or a tool's. Without that column it is
 * what both answers begin with (as in TRL), or the messages before the only answer.
 *
 * @param columns the answers' columns, for messages
 * @throws BadRow if there is no prompt, or the answers belong to different prompts
 */
export function readPrompt(row: Row, answers: readonly AnswerRead[], columns = answerColumns(answers)): PromptRead {
  const given = row.prompt ?? undefined;
  if (given === undefined && row.prompt === undefined) return impliedPrompt(row, answers, columns);
  if (Array.isArray(given)) {
    const conversation = readMessages(given, 'prompt');
    return conversational(
      conversation,
      '"prompt"',
      answers.map((answer) => withoutPrompt(answer, conversation, columns)),
    );
  }
  const prompt = nonEmptyString(row.prompt, 'prompt');
  if (answers.some((answer) => typeof answer !== 'string' && repeatsPrompt(answer))) {
    return repeatedPrompt(prompt, answers, columns);
  }
  const isText = answers.every((answer) => typeof answer === 'string');
  return isText ? { prompt, answers } : conversational([{ role: 'user', content: prompt }], '"prompt"', answers);
}

const beforeAnswers = 'the list of messages before the answers';

/** The prompt of a row without the column. */
function impliedPrompt(row: Row, answers: readonly AnswerRead[], columns: readonly string[]): PromptRead {
  const [first, second] = answers;
  if (typeof first === 'string' && typeof second === 'string') {
    const { prompt, chosen, rejected } = extractText(first, second);
    // Equal responses have another reason.
    if (first === second) return { prompt: first, answers };
    if (prompt.trim() === '') required(row, 'prompt');
    return { prompt, answers: [nonEmptyString(chosen, 'chosen'), nonEmptyString(rejected, 'rejected')] };
  }
  if (first === undefined || answers.some((answer) => typeof answer === 'string' || answer.length < 2)) {
    return { prompt: String(required(row, 'prompt')), answers };
  }
  return splitPrompt(answers as readonly (readonly Message[])[], columns);
}

/** Takes the prompt off answers that repeat it. */
function splitPrompt(answers: readonly (readonly Message[])[], columns: readonly string[]): PromptRead {
  const [first, second] = answers;
  const before = second === undefined ? first!.slice(0, -1) : extractMessages(first!, second).prompt;
  if (before.length === 0) throw otherPrompt(columns);
  return conversational(
    before,
    beforeAnswers,
    answers.map((answer) => answer.slice(before.length)),
  );
}

/** The prompt is a text, and an answer holds the conversation that leads to it. */
function repeatedPrompt(prompt: string, answers: readonly AnswerRead[], columns: readonly string[]): PromptRead {
  const repeating = answers.filter(
    (answer): answer is readonly Message[] => typeof answer !== 'string' && repeatsPrompt(answer),
  );
  const { conversation = [] } = splitPrompt(repeating, columns);
  if (messageText(conversation.at(-1)!) !== prompt) throw otherPrompt(columns);
  return conversational(
    conversation,
    beforeAnswers,
    answers.map((answer) => withoutPrompt(answer, conversation, columns)),
  );
}

/** Whether an answer holds messages that the assistant answers, not only its own and those of its tools. */
function repeatsPrompt(answer: readonly Message[]): boolean {
  return answer[0]!.role !== 'assistant';
}

/** An answer without the messages of the prompt, if it repeats them. */
function withoutPrompt(answer: AnswerRead, conversation: readonly Message[], columns: readonly string[]): AnswerRead {
  if (typeof answer === 'string') return answer;
  const { length } = conversation;
  if (answer.length > length && sameMessages(answer.slice(0, length), conversation)) return answer.slice(length);
  if (repeatsPrompt(answer)) throw otherPrompt(columns);
  return answer;
}

/** The columns that answers come from unless the caller says otherwise. */
function answerColumns(answers: readonly AnswerRead[]): readonly string[] {
  return answers.length === 1 ? ['response'] : ['chosen', 'rejected'];
}

function otherPrompt(columns: readonly string[]): BadRow {
  const named = columns.map((column) => `"${column}"`).join(' and ');
  const [who, them] =
    columns.length === 1 ? [`${named} must answer the prompt`, 'it'] : [`${named} must answer the same prompt`, 'them'];
  return new BadRow('prompt', `${who}, but the messages before ${them} differ from it`);
}

/** A prompt of messages, the last of which must be the user's or a tool's; `what` names the list in the error. */
function conversational(conversation: readonly Message[], what: string, answers: readonly AnswerRead[]): PromptRead {
  const last = conversation.at(-1);
  if (last !== undefined && ['user', 'tool'].includes(last.role)) {
    return { prompt: messageText(last), conversation, answers };
  }
  throw new BadRow(
    'prompt',
    `${what} ends with ${last === undefined ? 'no message' : `a message by "${last.role}"`}; the last message before the answers must be the user's`,
  );
}
