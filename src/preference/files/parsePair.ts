/**
 * One row of a pairs file, read: a preference pair, or the reason why it is none, with the cure.
 *
 * Two forms are taken, as TRL takes them: the standard one (three strings) and the conversational one (lists of
 * `{role, content}` whose last message is the answer). What stands before the answers may have several turns and a system
 * message; the last of it is what the user asks.
 */
import type { Message, PreferencePair } from '../pair.js';

export type ParsedRow =
  { readonly kind: 'pair'; readonly pair: PreferencePair } | { readonly kind: 'rejected'; readonly reason: string };

export type ParsedPrompt =
  | ({ readonly kind: 'prompt' } & Pick<PreferencePair, 'prompt' | 'conversation'>)
  | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Reads one line of JSONL.
 *
 * In the conversational form the prompt may be a string, a list, or missing (then it is the message before the answers).
 * A reviser's reasoning is read from `rationale`, or from `rational`, as the published CLAIR set spells it.
 *
 * @example
 * parsePair('{"prompt": "1 + 1 ?", "chosen": " 2", "rejected": " 3"}').kind; // 'pair'
 */
export function parsePair(text: string): ParsedRow {
  return attempt(() => ({ kind: 'pair', pair: toPair(parseObject(text)) }));
}

/** Reads the `prompt` of one line of JSONL, whatever else it holds: a text, or a list of messages that a user ends. */
export function parsePrompt(text: string): ParsedPrompt {
  return attempt(() => ({ kind: 'prompt', ...readPrompt(parseObject(text)) }));
}

function attempt<T>(parse: () => T): T | { readonly kind: 'rejected'; readonly reason: string } {
  try {
    return parse();
  } catch (error) {
    if (error instanceof BadRow) return { kind: 'rejected', reason: error.message };
    throw error;
  }
}

/** Why a row is no pair; leaves the parser by one door, and never this file. */
class BadRow extends Error {}

type Row = Readonly<Record<string, unknown>>;

function parseObject(text: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadRow(
      /^\s*[[{]\s*$/.test(text)
        ? 'the JSON is spread over several lines; write one object a line (JSONL)'
        : `broken JSON (${(error as SyntaxError).message}); write one whole JSON object a line`,
    );
  }
  if (kindOf(value) !== 'an object') {
    throw new BadRow(`${kindOf(value)}, not an object; write {"prompt": "...", "chosen": "...", "rejected": "..."}`);
  }
  return value as Row;
}

function toPair(row: Row): PreferencePair {
  const chosen = readResponse(row, 'chosen');
  const rejected = readResponse(row, 'rejected');
  const asked = readPrompt(row, chosen, rejected);
  if (chosen.response === rejected.response) {
    throw new BadRow('"chosen" and "rejected" are equal, which prefers nothing; change one or remove the row');
  }
  const rationale = readRationale(row);
  return {
    prompt: asked.prompt,
    chosen: chosen.response,
    rejected: rejected.response,
    ...(rationale === undefined ? {} : { rationale }),
    ...(asked.conversation === undefined ? {} : { conversation: asked.conversation }),
  };
}

interface Response {
  readonly response: string;
  /** Of a list of messages those before the answer; undefined where the response is a string. */
  readonly before: readonly Message[] | undefined;
}

/** A response, and in the conversational form the messages before it. */
function readResponse(row: Row, field: 'chosen' | 'rejected'): Response {
  const value = required(row, field);
  if (!Array.isArray(value)) return { response: nonEmptyString(value, `"${field}"`), before: undefined };
  const messages = readMessages(value, field);
  const answer = messages.at(-1);
  if (answer?.role !== 'assistant') {
    throw new BadRow(
      `"${field}" ends with ${answer === undefined ? 'no message' : `a message by "${answer.role}"`}; its last message must be the assistant's answer`,
    );
  }
  return { response: answer.content, before: messages.slice(0, -1) };
}

/** What both responses answer: as text, and as messages where any part of the row is written as messages. */
function readPrompt(row: Row, ...answers: readonly Response[]): Pick<PreferencePair, 'prompt' | 'conversation'> {
  const repeated = answers.flatMap(({ before = [] }) => (before.length > 0 ? [before] : []));
  const given = row.prompt === undefined && repeated.length === 2 ? repeated[0] : required(row, 'prompt');
  if (Array.isArray(given)) {
    const conversation = readMessages(given, 'prompt');
    const question = endsWithQuestion(
      conversation,
      row.prompt === undefined ? 'what stands before the answers' : '"prompt"',
    );
    if (repeated.some((messages) => !sameMessages(messages, conversation))) throw new BadRow(otherPrompt);
    return { prompt: question, conversation };
  }
  const prompt = nonEmptyString(given, '"prompt"');
  const [first, second = first] = repeated;
  if (first !== undefined && second !== undefined) {
    const same = sameMessages(first, second) && endsWithQuestion(first, 'what stands before the answers') === prompt;
    if (!same) throw new BadRow(otherPrompt);
    return { prompt, conversation: first };
  }
  const conversational = answers.some(({ before }) => before !== undefined);
  return { prompt, ...(conversational ? { conversation: [{ role: 'user', content: prompt }] } : {}) };
}

const otherPrompt = '"chosen" and "rejected" must answer the same prompt, and the messages before them differ from it';

function sameMessages(left: readonly Message[], right: readonly Message[]): boolean {
  const same = (message: Message, index: number) =>
    message.role === right[index]?.role && message.content === right[index].content;
  return left.length === right.length && left.every(same);
}

/** The text of the last message, which has to be the user's. */
function endsWithQuestion(messages: readonly Message[], where: string): string {
  const last = messages.at(-1);
  if (last?.role === 'user') return last.content;
  throw new BadRow(
    `${where} ends with ${last === undefined ? 'no message' : `a message by "${last.role}"`}; the last message before the answers must be the user's`,
  );
}

function readRationale(row: Row): string | undefined {
  const value = row.rationale ?? row.rational ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRow(`"rationale" is ${kindOf(value)}; make it a string or leave it out`);
}

function readMessages(values: readonly unknown[], field: string): Message[] {
  return values.map((value, index) => {
    const where = `"${field}"[${index}]`;
    const { role, content } = (value ?? {}) as Partial<Record<keyof Message, unknown>>;
    if (typeof role !== 'string' || role === '') {
      throw new BadRow(`${where} has no "role"; write {"role": "user", "content": "..."}`);
    }
    return { role, content: nonEmptyString(content, `${where}.content`) };
  });
}

function required(row: Row, field: string): unknown {
  const value = row[field];
  if (value !== undefined) return value;
  const present = Object.keys(row).map((key) => `"${key}"`);
  throw new BadRow(`"${field}" is missing; the row has ${present.length === 0 ? 'no fields' : present.join(', ')}`);
}

function nonEmptyString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new BadRow(`${where} is ${kindOf(value)}; make it a string`);
  if (value.trim() === '') throw new BadRow(`${where} is empty; write its text or remove the row`);
  if (/\p{Surrogate}/u.test(value)) {
    throw new BadRow(
      `${where} has half a character (a lone surrogate such as \\ud83d), which no tokenizer takes; repair its text`,
    );
  }
  return value;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
